import { findProfile } from '@mahilo/shared/accounts/users';
import type { Schema } from '@mahilo/shared/db/schema';
import type { Kysely } from 'kysely';
import type { Caller } from '../access/caller.ts';
import { listConnections } from '../agents/connections.ts';
import { toAgent } from '../agents/to-agent.ts';
import { toMe } from '../auth/to-me.ts';
import { listFriends } from '../friends/list-friends.ts';
import { toFriend } from '../friends/to-friend.ts';
import { listGroups } from '../groups/groups.ts';
import { toGroup } from '../groups/to-group.ts';
import type { Page } from '../http/pagination.ts';
import { listMessages, type MessageFilter } from '../messages/messages.ts';
import { toMessage } from '../messages/read-message.ts';
import { listPolicies } from '../policies/policies.ts';
import { toPolicy } from '../policies/to-policy.ts';

/** What the lines of an export are about, in their order; of some there are many. */
export const LINE_TYPES = ['profile', 'agent', 'friend', 'group', 'policy', 'message', 'end'] as const;

export interface Line {
  type: (typeof LINE_TYPES)[number];
  data: object;
}

/** Rows that are read at once: with the largest messages, a few megabytes. */
const PIECE = 50;
const ALL_MESSAGES: MessageFilter = {
  direction: undefined,
  since: undefined,
  sinceId: undefined,
  status: undefined,
  correlationId: undefined,
};

/**
 * All that is a user's, as their lists show it, in pieces; at last a line that says that nothing is missing.
 * @param after the id of a message: only messages that are older.
 */
export async function* ownData(
  db: Kysely<Schema>,
  caller: Caller,
  after: string | undefined,
): AsyncGenerator<readonly Line[]> {
  const { id } = caller;
  if (after === undefined) {
    yield [{ type: 'profile', data: toMe(caller, await findProfile(db, id)) }];
    yield* lines('agent', toAgent, (page) => listConnections(db, id, page, 'owner'));
    for (const status of ['accepted', 'pending', 'blocked'] as const) {
      const show = (row: Awaited<ReturnType<typeof listFriends>>[number]) => ({
        ...toFriend(row, id),
        roles: row.roles,
      });
      yield* lines('friend', show, (page) => listFriends(db, id, { status }, page));
    }
    yield* lines('group', toGroup, (page) => listGroups(db, id, undefined, page));
    yield* policies(db, id);
  }
  yield* messages(db, id, after);
  yield [{ type: 'end', data: {} }];
}

/** The lines of a list. @param read reads the rows of a page, newest first, and one more if there is one. */
async function* lines<Row extends { id: string }>(
  type: Line['type'],
  show: (row: Row) => object,
  read: (page: Page) => Promise<readonly Row[]>,
): AsyncGenerator<readonly Line[]> {
  for (let after: string | undefined; ; ) {
    const rows = await read({ limit: PIECE, after });
    const shown = rows.slice(0, PIECE);
    yield shown.map((row) => ({ type, data: show(row) }));
    after = shown.at(-1)?.id;
    if (rows.length <= PIECE) return;
  }
}

/** What the user has written; policies of groups are the groups'. */
async function* policies(db: Kysely<Schema>, userId: string): AsyncGenerator<readonly Line[]> {
  for (const scope of ['global', 'user', 'role'] as const) {
    const filter = { scope, targetIds: undefined };
    yield* lines('policy', toPolicy, (page) => listPolicies(db, userId, filter, page));
  }
}

async function* messages(
  db: Kysely<Schema>,
  userId: string,
  from: string | undefined,
): AsyncGenerator<readonly Line[]> {
  for (let after = from; ; ) {
    const { rows, stoppedAt } = await listMessages(db, userId, ALL_MESSAGES, { limit: PIECE, after });
    const shown = rows.slice(0, PIECE);
    yield shown.map((row) => ({ type: 'message', data: toMessage(row) }));
    after = rows.length > PIECE ? shown.at(-1)?.id : stoppedAt;
    if (after === undefined) return;
  }
}
