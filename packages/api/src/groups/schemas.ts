import type { Static } from 'typebox';
import { keysShown } from '../agents/schemas.ts';
import { exampleId, id, oneOf, text, time, username } from '../http/fields.ts';
import { Type } from '../http/type.ts';
import { WholeListQuery } from '../http/whole-list.ts';

const Role = oneOf(['owner', 'admin', 'member'], {
  title: 'GroupRole',
  description: 'What somebody may do in a group.',
});
const MEMBERSHIP_STATUSES = ['invited', 'active'] as const;
const MembershipStatus = oneOf(MEMBERSHIP_STATUSES, {
  title: 'MembershipStatus',
  description: 'Whether somebody has joined, or is invited to.',
});

const DESCRIPTION = { description: 'What the group is for.', examples: ['We read a book a month.'] };

export const NewGroupBody = Type.Object(
  {
    name: Type.String({
      minLength: 1,
      maxLength: 100,
      pattern: '^[A-Za-z0-9_-]*$',
      description: 'Letters, digits, `_` and `-`; unique without case.',
      examples: ['book-club'],
    }),
    description: Type.Optional(text({ maxLength: 500, ...DESCRIPTION })),
    invite_only: Type.Optional(Type.Boolean({ description: 'Only who was invited can join. Default true.' })),
  },
  { title: 'CreateGroup', description: 'A new group.' },
);

export type NewGroup = Static<typeof NewGroupBody>;

export const GroupChangesBody = Type.Object(
  {
    name: Type.Optional(
      Type.String({
        maxLength: 100,
        description: 'It never changes: another one than the group has is refused.',
        examples: ['book-club'],
      }),
    ),
    description: Type.Optional(
      text({ maxLength: 500, ...DESCRIPTION, description: 'What the group is for; empty: nothing.' }),
    ),
    invite_only: Type.Optional(Type.Boolean({ description: 'Only who was invited can join.' })),
  },
  { title: 'ChangeGroup', description: 'What is to change.' },
);

export type GroupChanges = Static<typeof GroupChangesBody>;

const groupId = id('grp', 'The id of the group.');
const membershipId = id('mbr', 'The id of the membership.');
const ids = { group_id: groupId, id: id('grp', 'The same.') };
const groupName = Type.String({ description: 'The name of the group.', examples: ['book-club'] });

const groupFields = {
  ...ids,
  name: groupName,
  description: Type.Optional(Type.String(DESCRIPTION)),
  invite_only: Type.Boolean({ description: 'Only who was invited can join.' }),
};

export const CreatedGroup = Type.Object(
  { ...groupFields, role: Type.Literal('owner', { description: 'It is yours.' }) },
  { title: 'CreatedGroup', description: 'The new group.' },
);

export const GroupAnswer = Type.Object(
  {
    ...groupFields,
    role: Role,
    status: MembershipStatus,
    member_count: Type.Integer({
      minimum: 0,
      description: 'How many are in it, without invited people.',
      examples: [3],
    }),
    created_at: time('When it was made.'),
  },
  { title: 'Group', description: 'A group that you are a member of, or invited to.' },
);

export const GroupsQuery = Type.Object({
  status: Type.Optional(
    oneOf(MEMBERSHIP_STATUSES, {
      description: 'Only those that you are a member of (`active`), or invited to. Default: both.',
    }),
  ),
  ...WholeListQuery,
});

const anybody = (description: string) => Type.String({ description, examples: ['ben'] });

export const UsernameBody = Type.Object(
  { username: anybody('The name of the person; case does not matter.') },
  { title: 'NameMember', description: 'Whom it is about.' },
);

export const Invitation = Type.Object(
  {
    membership_id: membershipId,
    group_id: groupId,
    user_id: id('usr', 'The id of the invited person.'),
    username: username('The name of the invited person.'),
    status: Type.Literal('invited', { description: 'They have yet to join.' }),
  },
  { title: 'Invitation', description: 'An invitation to a group.' },
);

export const JoinAnswer = Type.Object(
  {
    ...ids,
    name: groupName,
    status: Type.Literal('active', { description: 'You are in it.' }),
    role: Role,
  },
  { title: 'JoinedGroup', description: 'The group that you are in now.' },
);

const done = Type.Literal(true, { description: 'It is done.' });

export const Left = Type.Object(
  {
    success: done,
    group_deleted: Type.Optional(
      Type.Literal(true, { description: 'You were the last member, and the group is gone.' }),
    ),
  },
  { title: 'LeftGroup', description: 'You are in it no more.' },
);

export const Transferred = Type.Object(
  { success: done, new_owner_user_id: id('usr', 'The id of the new owner.') },
  { title: 'TransferredGroup', description: 'The group is somebody else’s now.' },
);

const membershipFields = {
  membership_id: membershipId,
  user_id: id('usr', 'The id of the member.'),
  username: username('The name of the member.'),
  role: Role,
  status: MembershipStatus,
};

export const Member = Type.Object(
  {
    ...membershipFields,
    display_name: Type.Optional(
      Type.String({ description: 'What they call themselves; of active ones only.', examples: ['Ben'] }),
    ),
    joined_at: Type.Optional(time('When they joined.')),
    connection_id: Type.Optional(
      id('conn', 'Of active ones the agent that gets a message of yours to the group; absent: none does.'),
    ),
    ...keysShown,
  },
  { title: 'Member', description: 'Somebody who is in a group, or invited to it.' },
);

export const MembersQuery = Type.Object(WholeListQuery);

export const MemberParams = Type.Object({
  id: Type.String({ description: 'The id of the group.', examples: [exampleId('grp')] }),
  username: anybody('The username of the member.'),
});

export const RoleBody = Type.Object(
  { role: oneOf(['admin', 'member'], { description: 'What they are from now on.' }) },
  { title: 'ChangeMember', description: 'A role for a member.' },
);

export const ChangedRole = Type.Object(membershipFields, {
  title: 'ChangedMember',
  description: 'The member in their new role.',
});
