import { insertInvite, listInvites, mintInviteToken, revokeInvite } from '@mahilo/shared/accounts/invites';
import { isoTime, systemClock } from '@mahilo/shared/clock';
import { idSource } from '@mahilo/shared/ids';
import { systemRandom } from '@mahilo/shared/random';
import type { Command } from './command.ts';
import { exitWithMistake, optionsOrExit } from './command-line.ts';
import { databaseUrl, registryOrigin, wholeNumber, withDatabase } from './context.ts';
import { INVITE_BOUNDS, statusOfInvite } from './invite-status.ts';
import { auditOperator } from './operator-audit.ts';
import { answer, table } from './output.ts';

const DAY_MS = 86_400_000;
const { days: DAYS_MAX, uses: USES_MAX, note: NOTE_MAX } = INVITE_BOUNDS;

const HELP = `Invites to register: npm run admin -- invites <action> [option…]

  create            Makes an invite, and shows its link and its token, this once.
    --days N          It can be used for so many days (7), at most ${DAYS_MAX}.
    --uses N          So many people can register with it (1), at most ${USES_MAX}.
    --note TEXT       Whom it is for, at most ${NOTE_MAX} characters; only you see it.
  list              The newest first, without their tokens.
    --limit N         At most N of them (50).
    --after ID        Only those before this one, for the next page.
  revoke ID         Ends an invite. Who has registered with it stays.
  --json            Answers for machines.
  --help            Shows this.

They are needed while REGISTRATION is invite: a person opens the link in a browser, or gives the token as invite_token
when registering.`;

interface Options {
  json: boolean;
  days: string;
  uses: string;
  note?: string | undefined;
  limit: string;
  after?: string | undefined;
}

export const command: Command = async (commandArguments) => {
  const { values, positionals } = optionsOrExit(HELP, {
    args: commandArguments,
    options: {
      json: { type: 'boolean', default: false },
      days: { type: 'string', default: '7' },
      uses: { type: 'string', default: '1' },
      note: { type: 'string' },
      limit: { type: 'string', default: '50' },
      after: { type: 'string' },
    },
    allowPositionals: true,
  });
  const [action = '', id, ...others] = positionals;
  if (others.length === 0 && action === 'create' && id === undefined) await create(values);
  else if (others.length === 0 && action === 'list' && id === undefined) await list(values);
  else if (others.length === 0 && action === 'revoke' && id !== undefined) await revoke(id, values);
  else exitWithMistake('Say create, list or revoke ID.');
  return 0;
};

async function create({ json, days, uses, note = '' }: Options): Promise<void> {
  const now = systemClock.now();
  if (note.length > NOTE_MAX) exitWithMistake(`--note has at most ${NOTE_MAX} characters.`);
  const invite = {
    id: idSource(systemClock, systemRandom)('inv'),
    token: mintInviteToken(systemRandom),
    note: note === '' ? null : note,
    uses: atMost('--uses', uses, USES_MAX),
    now,
    expiresAt: now + atMost('--days', days, DAYS_MAX) * DAY_MS,
  };
  await withDatabase(databaseUrl(), (db) =>
    db.write(async (trx) => {
      await insertInvite(trx, invite);
      await auditOperator(trx, 'invite.create', invite.id, now, { uses: invite.uses });
    }),
  );
  const created = {
    id: invite.id,
    invite_token: invite.token,
    // Behind the #, which a browser sends to no server: no log on the way has it.
    link: `${registryOrigin()}/console/#invite=${invite.token}`,
    uses: invite.uses,
    expires_at: isoTime(invite.expiresAt),
  };
  answer(json, created, () =>
    [
      `${created.id}, shown this once, lets ${invite.uses === 1 ? 'one person' : `${invite.uses} people`} register until ${created.expires_at}.`,
      `In a browser:\n\n${created.link}`,
      `Without one, as invite_token:\n\n${invite.token}`,
    ].join('\n\n'),
  );
}

async function list({ json, limit, after }: Options): Promise<void> {
  const page = { limit: wholeNumber('--limit', limit), after };
  const invites = await withDatabase(databaseUrl(), (db) => listInvites(db.kysely, page));
  const now = systemClock.now();
  const shown = invites.map((invite) => ({
    id: invite.id,
    note: invite.note,
    used: invite.used,
    uses: invite.uses,
    status: statusOfInvite(invite, now),
    created_at: isoTime(invite.created_at),
    expires_at: isoTime(invite.expires_at),
  }));
  answer(json, shown, () => {
    const rows = shown.map(({ id, status, used, uses, expires_at, note }) => [
      id,
      status,
      `${used} of ${uses}`,
      expires_at,
      note ?? '',
    ]);
    const page = table(['Invite', 'Status', 'Used', 'Expires', 'Note'], rows);
    return shown.length < Number(limit) ? page : `${page}\n\nThere may be more: --after ${shown.at(-1)?.id}`;
  });
}

async function revoke(id: string, { json }: Options): Promise<void> {
  const isRevoked = await withDatabase(databaseUrl(), (db) =>
    db.write(async (trx) => {
      const now = systemClock.now();
      const wasOpen = await revokeInvite(trx, id, now);
      if (wasOpen) await auditOperator(trx, 'invite.revoke', id, now);
      return wasOpen;
    }),
  );
  if (!isRevoked) throw new Error(`There is no invite ${id} that could still be used.`);
  answer(json, { id, status: 'revoked' }, () => `${id} is revoked.`);
}

function atMost(option: string, given: string, maximum: number): number {
  const value = wholeNumber(option, given);
  if (value > maximum) exitWithMistake(`${option} is at most ${maximum}.`);
  return value;
}
