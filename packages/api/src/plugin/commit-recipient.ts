import { findUser, type User } from '@mahilo/shared/accounts/users';
import type { Schema } from '@mahilo/shared/db/schema';
import { invalidField, MahiloError } from '@mahilo/shared/errors';
import type { Kysely } from 'kysely';
import { friendNamed } from '../friends/contacts.ts';
import { areCoMembers } from '../groups/co-members.ts';
import { groupOfMember } from '../groups/members.ts';
import type { CommitRequest } from './commit-schemas.ts';

/**
 * Whom a decision is about: a friend, or with `group_id` another member of that group.
 * @throws MahiloError USER_NOT_FOUND, NOT_FRIENDS, GROUP_NOT_FOUND, NOT_MEMBER, LOCAL_DECISION_STALE, INVALID_REQUEST
 */
export async function commitRecipient(
  db: Kysely<Schema>,
  caller: User,
  { recipient, group_id: groupId }: Pick<CommitRequest, 'recipient' | 'group_id'>,
): Promise<User> {
  if (groupId === undefined) return friendNamed(db, caller.id, recipient);
  const member = await findUser(db, recipient);
  if (member === undefined) throw new MahiloError('USER_NOT_FOUND', 'There is no user with this username.');
  if (member.id === caller.id) throw invalidField('recipient', 'is your own name');
  await groupOfMember(db, groupId, caller.id);
  if (await areCoMembers(db, groupId, caller.id, member.id)) return member;
  throw new MahiloError(
    'LOCAL_DECISION_STALE',
    'The recipient is no member of the group that you can reach.',
  );
}
