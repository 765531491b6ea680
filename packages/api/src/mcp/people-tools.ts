import { findUser } from '@mahilo/shared/accounts/users';
import { MahiloError } from '@mahilo/shared/errors';
import { acceptFriend, rejectFriend } from '../friends/change-friendship.ts';
import { findBetween, listFriendships } from '../friends/friendships.ts';
import { requestFriendship } from '../friends/request-friendship.ts';
import { toFriend } from '../friends/to-friend.ts';
import { listGroups } from '../groups/groups.ts';
import { toGroup } from '../groups/to-group.ts';
import { oneOf, text } from '../http/fields.ts';
import { Type } from '../http/type.ts';
import { type Tool, tool } from './tool.ts';

/** Friends or groups in an answer. `more` says that there are others. */
const MAX_LISTED = 100;
const PAGE = { limit: MAX_LISTED, after: undefined };

const username = text({ minLength: 1, maxLength: 100 });

const listFriends = tool({
  name: 'list_friends',
  description:
    'My own username and the people whom I can write to; with status pending the open friend requests.',
  route: 'GET /friends',
  annotations: { title: 'List friends', readOnlyHint: true, openWorldHint: false },
  input: Type.Object({
    status: Type.Optional(oneOf(['accepted', 'pending', 'blocked'], { description: 'Default accepted.' })),
  }),
  async run({ deps, caller }, { status = 'accepted' }) {
    const rows = await listFriendships(deps.db.kysely, caller.id, { status }, PAGE);
    const friends = rows.slice(0, MAX_LISTED).map((row) => {
      const { friendship_id, username, display_name, status, direction, since } = toFriend(row, caller.id);
      return { friendship_id, username, display_name, status, direction, since };
    });
    return { me: caller.username, friends, ...(rows.length > MAX_LISTED && { more: true }) };
  },
});

const requestFriend = tool({
  name: 'request_friend',
  description:
    'Ask somebody for their friendship, which messages need; accepts when they have asked already. Only when your user wants it.',
  route: 'POST /friends/request',
  annotations: {
    title: 'Ask for a friendship',
    readOnlyHint: false,
    destructiveHint: false,
    idempotentHint: true,
    openWorldHint: true,
  },
  input: Type.Object({ username }),
  async run({ deps, caller }, { username }) {
    const { friendshipId, status } = await requestFriendship(deps, caller, username);
    return { friendship_id: friendshipId, status };
  },
});

const answerFriendRequest = tool({
  name: 'answer_friend_request',
  description:
    'Accept or reject a friend request. A friend may send messages to you, so let your user decide.',
  route: 'POST /friends/:id/accept',
  annotations: {
    title: 'Answer a friend request',
    readOnlyHint: false,
    destructiveHint: true,
    openWorldHint: true,
  },
  input: Type.Object({ username, accept: Type.Boolean() }),
  async run({ deps, caller }, { username, accept }) {
    const other = await findUser(deps.db.kysely, username);
    if (other === undefined) throw new MahiloError('USER_NOT_FOUND', 'There is no user with this username.');
    const friendship = await findBetween(deps.db.kysely, caller.id, other.id);
    if (friendship === undefined) throw new MahiloError('NOT_FOUND', 'They have not asked you.');
    await (accept ? acceptFriend : rejectFriend)(deps, caller, friendship.id);
    return { friendship_id: friendship.id, status: accept ? 'accepted' : 'rejected' };
  },
});

const myGroups = tool({
  name: 'list_groups',
  description: 'The groups that I am a member of or invited to. Send to one by its group_id.',
  route: 'GET /groups',
  annotations: { title: 'List groups', readOnlyHint: true, openWorldHint: false },
  input: Type.Object({}),
  async run({ deps, caller }) {
    const rows = await listGroups(deps.db.kysely, caller.id, undefined, PAGE);
    const groups = rows.slice(0, MAX_LISTED).map(toGroup);
    return { groups, ...(rows.length > MAX_LISTED && { more: true }) };
  },
});

export const peopleTools: readonly Tool[] = [listFriends, requestFriend, answerFriendRequest, myGroups];
