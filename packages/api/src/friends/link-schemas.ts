import { id, time, username } from '../http/fields.ts';
import { LINK_TOKEN, tokenLinkFields } from '../http/token-link.ts';
import { Type } from '../http/type.ts';

/** Where the console uses a link. */
export const PAGE = '/console/friends/link';
const fields = {
  id: id('lnk', 'The id of the link, to withdraw it.'),
  created_at: time('When it was made.'),
  expires_at: time('It can be used until then.'),
};

export const FriendLinkAnswer = Type.Object(fields, {
  title: 'FriendLink',
  description: 'A link that makes a friend of whoever opens it, once. Its token is not shown again.',
});

export const CreatedLink = Type.Object(
  {
    ...fields,
    ...tokenLinkFields(PAGE),
  },
  { title: 'CreatedFriendLink', description: 'A new link; this is the only time that it is shown.' },
);

export const TokenParams = Type.Object({ token: Type.String(LINK_TOKEN) });

export const TokenAsId = Type.Object({ id: Type.String(LINK_TOKEN) });

export const LinkMaker = Type.Object(
  {
    username: username('Who made it.'),
    expires_at: fields.expires_at,
  },
  { title: 'FriendLinkMaker', description: 'Whose friend the link makes you.' },
);

export const LinkedFriend = Type.Object(
  {
    friendship_id: id('frnd', 'The id of the friendship.'),
    status: Type.Literal('accepted', { description: 'You are friends.' }),
    user_id: id('usr', 'The id of your new friend.'),
    username: username('The name of your new friend.'),
  },
  { title: 'LinkedFriend', description: 'The friendship that the link has made.' },
);
