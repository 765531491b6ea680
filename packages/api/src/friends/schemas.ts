import { Type } from 'typebox';
import { oneOf } from '../http/fields.ts';
import { WholeListQuery } from '../http/whole-list.ts';
import { FriendRoleNames } from './role-schemas.ts';

export const RequestBody = Type.Object({ username: Type.String() });

export const Friendship = Type.Object({
  friendship_id: Type.String(),
  status: oneOf(['pending', 'accepted']),
});

export const FriendsQuery = Type.Object({
  status: Type.Optional(oneOf(['accepted', 'pending', 'blocked'], { description: 'Default `accepted`.' })),
  ...WholeListQuery,
});

export const Friend = Type.Object({
  id: Type.String({ description: 'Of the friendship.' }),
  friendship_id: Type.String({ description: 'The same.' }),
  user_id: Type.String(),
  username: Type.String(),
  display_name: Type.Optional(Type.String({ description: 'Of accepted ones only.' })),
  status: oneOf(['accepted', 'pending', 'blocked']),
  direction: oneOf(['sent', 'received'], { description: 'Who had asked, or blocked: `sent`, you did.' }),
  since: Type.String({ format: 'date-time' }),
  roles: FriendRoleNames,
});

export const UsernameParams = Type.Object({ username: Type.String() });

export const ContactsQuery = Type.Object(WholeListQuery);

export const ContactConnection = Type.Object({
  id: Type.String(),
  framework: Type.String(),
  label: Type.String(),
  description: Type.Optional(Type.String()),
  capabilities: Type.Array(Type.String()),
  routing_priority: Type.Integer(),
  public_key: Type.Optional(Type.String()),
  public_key_alg: Type.Optional(Type.String()),
  status: oneOf(['active']),
});
