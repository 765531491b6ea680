import { IdParams, oneOf } from '../http/fields.ts';
import { Type } from '../http/type.ts';

const name = Type.String({ description: 'The name of a role.', examples: ['close_friends'] });

export const RoleBody = Type.Object(
  {
    role: Type.String({
      minLength: 1,
      maxLength: 50,
      description: 'One of those that `GET /roles` lists.',
      examples: ['close_friends'],
    }),
  },
  { title: 'GiveRole', description: 'A role for a friend.' },
);

export const RoleParams = Type.Object({
  ...IdParams.properties,
  role: Type.String({ description: 'The name of the role.', examples: ['close_friends'] }),
});

export const GivenRole = Type.Object(
  { success: Type.Literal(true, { description: 'It is done.' }), role: name },
  { title: 'GivenRole', description: 'The friend has this role now.' },
);

/** In answers: a list that may grow. */
export const FriendRoleNames = Type.Array(name, {
  description: 'The roles that you have given to this friend. They do not see them.',
});

export const RoleNames = Type.Object(
  { roles: FriendRoleNames },
  { title: 'FriendRoles', description: 'The roles of a friend, as you have given them.' },
);

export const RolesQuery = Type.Object({
  type: Type.Optional(
    oneOf(['system', 'custom'], { description: 'Only those that everybody has, or only one’s own.' }),
  ),
});

export const Roles = Type.Object(
  {
    roles: Type.Array(
      Type.Object(
        {
          name,
          description: Type.String({ description: 'What it is for.', examples: ['Your family.'] }),
          is_system: Type.Boolean({ description: 'Everybody has it.' }),
        },
        { title: 'Role', description: 'What you can call a friend.' },
      ),
      { description: 'All of them.' },
    ),
  },
  { title: 'Roles', description: 'The roles that you can give to friends.' },
);
