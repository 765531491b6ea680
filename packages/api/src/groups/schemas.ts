import { type Static, Type } from 'typebox';
import { oneOf, text } from '../http/fields.ts';
import { WholeListQuery } from '../http/whole-list.ts';

const Role = oneOf(['owner', 'admin', 'member']);
const MembershipStatus = oneOf(['invited', 'active']);

export const NewGroupBody = Type.Object({
  name: Type.String({
    minLength: 1,
    maxLength: 100,
    pattern: '^[A-Za-z0-9_-]*$',
    description: 'Letters, digits, `_` and `-`; unique without case.',
  }),
  description: Type.Optional(text({ maxLength: 500 })),
  invite_only: Type.Optional(Type.Boolean({ description: 'Default true.' })),
});

export type NewGroup = Static<typeof NewGroupBody>;

const ids = { group_id: Type.String(), id: Type.String({ description: 'The same.' }) };

const groupFields = {
  ...ids,
  name: Type.String(),
  description: Type.Optional(Type.String()),
  invite_only: Type.Boolean(),
};

export const CreatedGroup = Type.Object({ ...groupFields, role: Type.Literal('owner') });

export const GroupAnswer = Type.Object({
  ...groupFields,
  role: Role,
  status: MembershipStatus,
  member_count: Type.Integer({ description: 'Without invited people.' }),
  created_at: Type.String({ format: 'date-time' }),
});

export const GroupsQuery = Type.Object(WholeListQuery);

export const UsernameBody = Type.Object({ username: Type.String() });

export const Invitation = Type.Object({
  membership_id: Type.String(),
  group_id: Type.String(),
  user_id: Type.String(),
  username: Type.String(),
  status: Type.Literal('invited'),
});

export const JoinAnswer = Type.Object({
  ...ids,
  name: Type.String(),
  status: Type.Literal('active'),
  role: Role,
});

export const Left = Type.Object({
  success: Type.Literal(true),
  group_deleted: Type.Optional(
    Type.Literal(true, { description: 'You were the last member, and the group is gone.' }),
  ),
});

export const Transferred = Type.Object({ success: Type.Literal(true), new_owner_user_id: Type.String() });

const membershipFields = {
  membership_id: Type.String(),
  user_id: Type.String(),
  username: Type.String(),
  role: Role,
  status: MembershipStatus,
};

export const Member = Type.Object({
  ...membershipFields,
  display_name: Type.Optional(Type.String()),
  joined_at: Type.Optional(Type.String({ format: 'date-time' })),
});

export const MembersQuery = Type.Object(WholeListQuery);

export const MemberParams = Type.Object({ id: Type.String(), username: Type.String() });

export const RoleBody = Type.Object({ role: oneOf(['admin', 'member']) });

export const ChangedRole = Type.Object(membershipFields);
