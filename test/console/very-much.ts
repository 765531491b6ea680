import BetterSqlite3 from 'better-sqlite3';

/** Of everything that nothing else bounds. */
export const VERY_MANY = 10_000;
/** As many as one may have, or one less. */
const GROUPS = 999;
const POLICIES = 499;
const MEMBERS = 5000;

/** A group that has as many members as it may have. */
export const LARGE_GROUP = `grp_${'1'.padStart(26, '0')}`;

/** The friend whom nobody has had longer. */
export const OLDEST_FRIEND = 'friend-1';

/**
 * Gives somebody ten thousand friends, requests, blocks, invitations, conversations and held messages, and as many groups
 * and policies as they may have; and the registry ten thousand invitations, and agents with something owed or dead.
 */
export function haveVeryMuch(databaseFile: string, me: { user_id: string; username: string }): void {
  const sqlite = new BetterSqlite3(databaseFile);
  const now = Date.now();
  const ME = `'${me.user_id}'`;
  const id = (prefix: string, number = 'i') => `'${prefix}_' || printf('%026d', ${number})`;
  const insert = (into: string, values: string, count = VERY_MANY) =>
    sqlite.exec(`with recursive n (i) as (select 1 union all select i + 1 from n where i < ${count})
      insert into ${into} select ${values} from n`);
  const people = (name: string, first: number, status: string, requester: string) => {
    const other = id('usr', `i + ${first}`);
    insert('users (id, username, created_at)', `${other}, '${name}-' || i, ${now}`);
    insert(
      'friendships (id, user_a, user_b, requester_id, status, blocked_by_a, blocked_by_b, created_at, since)',
      `${id('frnd', `i + ${first}`)}, min(${ME}, ${other}), max(${ME}, ${other}), ${requester === 'me' ? ME : other},
        '${status}', ${status === 'blocked' ? `${ME} < ${other}, ${ME} > ${other}` : '0, 0'}, ${now}, ${now}`,
    );
  };
  sqlite.exec('begin');
  people('friend', 0, 'accepted', 'me');
  people('asker', VERY_MANY, 'pending', 'other');
  people('blocked', 2 * VERY_MANY, 'blocked', 'me');
  const member = 'group_members (id, group_id, user_id, role, status, created_at, joined_at)';
  insert(
    'groups (id, name, description, invite_only, created_at)',
    `${id('grp')}, 'group-' || i, 'Of many', 1, ${now}`,
  );
  insert(
    member,
    `${id('mbr')}, ${id('grp')}, ${ME}, iif(i = 1, 'owner', 'member'), iif(i <= ${GROUPS}, 'active', 'invited'), ${now}, iif(i <= ${GROUPS}, ${now}, null)`,
  );
  insert(
    member,
    `${id('mbr', `i + ${VERY_MANY}`)}, '${LARGE_GROUP}', ${id('usr')}, 'member', 'active', ${now}, ${now}`,
    MEMBERS,
  );
  insert(
    'policies (id, user_id, scope, target_id, evaluator, effect, content, priority, enabled, source, created_at)',
    `${id('pol')}, ${ME}, 'user', ${id('usr')}, 'structured', 'deny', '{"blockedPatterns":["never ' || i || '"]}', i % 100, 1, 'user_created', ${now}`,
    POLICIES,
  );
  insert(
    `decisions (message_id, sender_id, sender_agent, recipient_type, recipient_id, recipient, origin, resolution_id, request_hash,
      direction, resource, action, decision, delivery_mode, state, body, reason_code, stored_bytes, created_at)`,
    `${id('msg', `i + ${VERY_MANY}`)}, ${ME}, 'agent', 'user', ${id('usr')}, 'friend-' || i, 'registry', 'res_' || i, x'00',
      'outbound', 'message.general', 'share', 'ask', 'review_required', 'review_required', 'held ' || i, 'policy.ask', 10, ${now}`,
  );
  insert(
    'connections (id, user_id, framework, label, capabilities_json, routing_priority, mode, callback_url, callback_secret, status, created_at)',
    `${id('conn')}, ${id('usr')}, 'test', 'home', '[]', 0, iif(i % 2, 'polling', 'callback'),
      iif(i % 2, null, 'https://host-' || i || '.example/'), iif(i % 2, null, x'00'), 'active', ${now}`,
  );
  insert('lanes (connection_id)', id('conn'));
  insert(
    'messages (id, sender_id, sender_username, sender_agent, recipient_type, recipient_id, recipient, body, payload_type, status, correlation_id, created_at)',
    `${id('msg')}, ${ME}, '${me.username}', 'agent', 'user', ${id('usr')}, 'friend-' || i, 'hello ' || i, 'text/plain',
      iif(i % 2, 'pending', 'failed'), 'about ' || i, ${now}`,
  );
  insert(
    'outbox (id, message_id, recipient_id, connection_id, state, due_at, last_error, created_at, settled_at)',
    `${id('dlv')}, ${id('msg')}, ${id('usr')}, ${id('conn')}, iif(i % 2, 'pending', 'failed'), ${now}, iif(i % 2, null, 'timeout'),
      ${now}, iif(i % 2, null, ${now})`,
  );
  insert(
    'invites (id, token_hash, note, uses, used, created_at, expires_at)',
    `${id('inv')}, cast(i as blob), 'for ' || i, 1, 0, ${now}, ${now + 86_400_000}`,
  );
  sqlite.exec('commit');
  sqlite.close();
}
