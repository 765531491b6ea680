import { id, oneOf, time, username } from '../http/fields.ts';
import { Type } from '../http/type.ts';
import { WholeListQuery } from '../http/whole-list.ts';
import { FriendRoleNames } from './role-schemas.ts';

const anybody = (description: string) => Type.String({ description, examples: ['ben'] });

export const RequestBody = Type.Object(
  { username: anybody('The name of the other person; case does not matter.') },
  { title: 'NameFriend', description: 'Whom it is about.' },
);

const friendshipId = id('frnd', 'The id of the friendship.');

export const Friendship = Type.Object(
  {
    friendship_id: friendshipId,
    status: oneOf(['pending', 'accepted'], { description: 'How it stands now.' }),
  },
  { title: 'Friendship', description: 'A friendship, or the request for one.' },
);

const STATUSES = ['accepted', 'pending', 'blocked'] as const;
const DIRECTIONS = ['sent', 'received'] as const;

export const FriendsQuery = Type.Object({
  status: Type.Optional(oneOf(STATUSES, { description: 'Which of them. Default `accepted`.' })),
  direction: Type.Optional(
    oneOf(DIRECTIONS, { description: 'Only those that you had asked for (`sent`), or the others.' }),
  ),
  with: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 100,
      description: 'Only the one with this person: their username, or their id.',
      examples: ['ben'],
    }),
  ),
  ...WholeListQuery,
});

export const Friend = Type.Object(
  {
    id: friendshipId,
    friendship_id: id('frnd', 'The same.'),
    user_id: id('usr', 'The id of the other person.'),
    username: username('The name of the other person.'),
    display_name: Type.Optional(
      Type.String({ description: 'What they call themselves; of accepted ones only.', examples: ['Ben'] }),
    ),
    status: oneOf(STATUSES, { title: 'FriendStatus', description: 'How it stands.' }),
    direction: oneOf(DIRECTIONS, {
      description: 'Who had asked, or blocked: `sent`, you did.',
    }),
    since: time('When it came to be so.'),
    roles: FriendRoleNames,
  },
  { title: 'Friend', description: 'Somebody who is a friend, has asked, was asked, or is blocked.' },
);

export const UsernameParams = Type.Object({ username: anybody('The username of the friend.') });

export const ContactsQuery = Type.Object(WholeListQuery);
