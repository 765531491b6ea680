import type { Attacker } from './attacker.ts';

const EMOJI = '🦊';
const AGENT = { framework: 'x', public_key: 'none', public_key_alg: 'ed25519' };

/** All attacks; they run at the same time. Before there were bounds, each one broke the registry or could have. */
export const ATTACKS: Readonly<Record<string, (attacker: Attacker) => Promise<void>>> = {
  'hanging agents': hangingAgents,
  'group of hanging agents': hangingGroup,
  'bodies one byte short': unfinishedBodies,
  'unread pages': unreadPages,
  'half headers': halfHeaders,
  'event streams': eventStreams,
  'long polls': longPolls,
  'huge capabilities': hugeCapabilities,
  'thousands of mistakes': thousandsOfMistakes,
  'a header that is slow to read': slowHeader,
  'costly patterns': costlyPatterns,
  'reads that find nothing': fruitlessReads,
  'bad keys': badKeys,
  registrations: registrations,
  'forged addresses': forgedAddresses,
};

async function hangingAgents(by: Attacker): Promise<void> {
  const [sender, owner] = [await by.account(), await by.account()];
  await by.befriend(sender, owner);
  const agents: string[] = [];
  const register = (n: number) =>
    by.api(owner.key, 'POST', '/agents', { ...AGENT, label: `a${n}`, callback_url: `${by.hangingUrl}/${n}` });
  for (let n = 0; n < 80 && !by.isOver; n++) {
    const agent = await register(n);
    if (agent !== undefined) agents.push(String(agent['connection_id']));
  }
  await Promise.all([
    by.again(2, 50, (n) =>
      by.api(sender.key, 'POST', '/messages/send', {
        recipient: owner.username,
        recipient_connection_id: agents[n % agents.length],
        message: 'hang',
      }),
    ),
    by.again(1, 100, register),
  ]);
}

async function hangingGroup(by: Attacker): Promise<void> {
  const owner = await by.account();
  const name = `${owner.username}-group`.slice(0, 90);
  const group = await by.api(owner.key, 'POST', '/groups', { name, invite_only: false });
  if (group === undefined) return;
  for (let n = 0; n < 100 && !by.isOver; n++) {
    const member = await by.account();
    await by.api(member.key, 'POST', '/agents', {
      ...AGENT,
      label: 'a',
      callback_url: `${by.hangingUrl}/g${n}`,
    });
    await by.api(member.key, 'POST', `/groups/${group['group_id']}/join`);
    await by.api(owner.key, 'POST', '/messages/send', {
      recipient: group['group_id'],
      recipient_type: 'group',
      message: 'x'.repeat(1000),
    });
  }
  await by.again(1, 50, () =>
    by.api(owner.key, 'POST', '/messages/send', {
      recipient: group['group_id'],
      recipient_type: 'group',
      message: 'x'.repeat(1000),
    }),
  );
}

async function unfinishedBodies(by: Attacker): Promise<void> {
  const { key } = await by.account();
  const length = 250_000;
  const head =
    `POST /api/v1/messages/send HTTP/1.1\r\nHost: ${by.route.serverName ?? 'x'}\r\n` +
    `Authorization: Bearer ${key}\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n\r\n`;
  const body = `{"message":"${'x'.repeat(length - 13)}`;
  await by.hold(480, () => head + body);
}

async function unreadPages(by: Attacker): Promise<void> {
  const [sender, reader] = [await by.account(), await by.account()];
  await by.befriend(sender, reader);
  await by.api(reader.key, 'POST', '/agents', { ...AGENT, label: 'a', mode: 'polling' });
  for (let n = 0; n < 100 && !by.isOver; n++) {
    await by.api(sender.key, 'POST', '/messages/send', {
      recipient: reader.username,
      message: '\u0001'.repeat(32_768),
    });
  }
  const ask =
    `GET /api/v1/messages?limit=100 HTTP/1.1\r\nHost: ${by.route.serverName ?? 'x'}\r\n` +
    `Authorization: Bearer ${reader.key}\r\n\r\n`;
  // Nobody listens for `data`, so nothing is read. Eight requests on each connection.
  await by.hold(20, () => ask.repeat(8));
}

async function halfHeaders(by: Attacker): Promise<void> {
  await by.hold(
    4000,
    () => `GET / HTTP/1.1\r\nHost: ${by.route.serverName ?? 'x'}\r\nX-Half: ${'x'.repeat(1000)}`,
  );
}

async function eventStreams(by: Attacker): Promise<void> {
  const keys = [(await by.account()).key, (await by.account()).key, (await by.account()).key];
  let n = 0;
  await by.hold(4000, () => {
    n += 1;
    const key = keys[n % keys.length];
    return `GET /api/v1/events HTTP/1.1\r\nHost: ${by.route.serverName ?? 'x'}\r\nAuthorization: Bearer ${key}\r\n\r\n`;
  });
}

async function longPolls(by: Attacker): Promise<void> {
  const [sender, owner] = [await by.account(), await by.account()];
  await by.befriend(sender, owner);
  const agents: string[] = [];
  for (let n = 0; n < 50 && !by.isOver; n++) {
    const agent = await by.api(owner.key, 'POST', '/agents', { ...AGENT, label: `p${n}`, mode: 'polling' });
    if (agent !== undefined) agents.push(String(agent['connection_id']));
  }
  await Promise.all([
    by.again(50, 200, (n) =>
      by.api(owner.key, 'GET', `/inbox?wait=15&connection_id=${agents[n % agents.length]}`),
    ),
    by.again(1, 100, () =>
      by.api(sender.key, 'POST', '/messages/send', { recipient: owner.username, message: 'wake' }),
    ),
  ]);
}

async function hugeCapabilities(by: Attacker): Promise<void> {
  const [sender, owner] = [await by.account(), await by.account()];
  await by.befriend(sender, owner);
  const capabilities = Array.from({ length: 50 }, (_, n) => `${n}${EMOJI.repeat(31)}`);
  for (let n = 0; n < 100 && !by.isOver; n++) {
    await by.api(owner.key, 'POST', '/agents', { ...AGENT, label: `a${n}`, mode: 'polling', capabilities });
  }
  const variant = (n: number) =>
    [...owner.username].map((letter, i) => ((n >> i) & 1 ? letter.toUpperCase() : letter)).join('');
  await by.again(2, 20, (n) =>
    by.api(sender.key, 'POST', '/messages/send', { recipient: variant(n), message: 'hello' }),
  );
}

async function thousandsOfMistakes(by: Attacker): Promise<void> {
  const { key } = await by.account();
  const body = `{"delivery_ids":[${'{},'.repeat(85_000)}{}]}`;
  await by.again(4, 100, () => by.try({ key, method: 'POST', path: '/api/v1/inbox/ack', body }));
}

async function slowHeader(by: Attacker): Promise<void> {
  const { key } = await by.account();
  const headers = { prefer: `wait=${' '.repeat(14_000)}x` };
  const body = JSON.stringify({ recipient: 'nobody', message: 'x' });
  await by.again(4, 50, () => by.try({ key, method: 'POST', path: '/api/v1/messages/send', headers, body }));
}

async function costlyPatterns(by: Attacker): Promise<void> {
  const [sender, friend] = [await by.account(), await by.account()];
  await by.befriend(sender, friend);
  await by.api(friend.key, 'POST', '/agents', { ...AGENT, label: 'a', mode: 'polling' });
  const blockedPatterns = Array.from({ length: 20 }, (_, n) => `(x+x+)+${n}y(a|b|ab){1,50}$`);
  for (let n = 0; n < 20; n++) {
    await by.api(sender.key, 'POST', '/policies', {
      scope: 'global',
      policy_type: 'heuristic',
      policy_content: JSON.stringify({ blockedPatterns }),
    });
  }
  await by.again(4, 50, () =>
    by.api(sender.key, 'POST', '/messages/send', { recipient: friend.username, message: 'x'.repeat(32_000) }),
  );
}

async function fruitlessReads(by: Attacker): Promise<void> {
  const { key } = await by.account();
  const paths = [
    '/messages?status=failed',
    '/messages?correlation_id=never',
    '/messages?since=1',
    '/deliveries?status=failed',
    '/messages?limit=1e309',
  ];
  await by.again(8, 50, (n) => by.api(key, 'GET', paths[n % paths.length] ?? ''));
}

async function badKeys(by: Attacker): Promise<void> {
  await by.again(16, 10, (n) =>
    by.try({ key: `mhl_${String(n).padStart(12, 'a')}_${'b'.repeat(36)}`, path: '/api/v1/auth/me' }),
  );
}

async function registrations(by: Attacker): Promise<void> {
  await by.again(4, 20, () => by.account());
}

async function forgedAddresses(by: Attacker): Promise<void> {
  const forged = (n: number) =>
    [`198.51.100.${n % 250}:4711`, `[2001:db8::${n}]:80`, '_hidden', `junk ${n}`, '", for=1'][n % 5] ?? '';
  await by.again(8, 10, (n) =>
    by.try({ path: '/api/v1/auth/me', headers: { 'x-forwarded-for': forged(n), forwarded: `for=${n}` } }),
  );
}
