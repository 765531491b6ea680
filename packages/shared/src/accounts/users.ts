import type { Kysely, Transaction } from 'kysely';
import type { Schema } from '../db/schema.ts';
import { statement } from '../db/statement.ts';
import { each } from '../db/words/rows.ts';

const USERNAME = /^[A-Za-z0-9_-]{3,30}$/;

export interface User {
  id: string;
  username: string;
}

/** The stored form of a username; undefined when the text cannot be a username. */
export function normalizeUsername(text: string): string | undefined {
  return USERNAME.test(text) ? text.toLowerCase() : undefined;
}

/** Finds a user by a name as somebody typed it. Never finds disabled users. Uses the unique index on username. */
export async function findUser(db: Kysely<Schema>, typed: string): Promise<User | undefined> {
  const user = await findAnyUser(db, typed);
  return user === undefined || user.disabled_at !== null ? undefined : user;
}

/** The users of these names, as somebody typed them, by the names' stored form. Never disabled ones. Uses the same index. */
export async function findUsers(
  db: Kysely<Schema>,
  typed: readonly string[],
): Promise<ReadonlyMap<string, User>> {
  const usernames = typed.map(normalizeUsername).filter((username) => username !== undefined);
  const users = await usersByName(db, JSON.stringify(usernames));
  return new Map(users.map((user) => [user.username, user]));
}

const usersByName = statement<[usernames: string], User>(
  (words) => `
  select id, username from users where username in (select value from ${each(words)}) and disabled_at is null`,
);

interface AnyUser extends User {
  disabled_at: number | null;
  deleted_at: number | null;
}

/** Like {@link findUser}, but also finds disabled users and deleted accounts. */
export async function findAnyUser(db: Kysely<Schema>, typed: string): Promise<AnyUser | undefined> {
  const username = normalizeUsername(typed);
  return username === undefined ? undefined : (await userByName(db, username))[0];
}

const userByName = statement<[username: string], AnyUser>(
  'select id, username, disabled_at, deleted_at from users where username = ?',
);

export interface Profile extends User {
  display_name: string | null;
  created_at: number;
}

export async function findProfile(db: Kysely<Schema>, userId: string): Promise<Profile> {
  return db
    .selectFrom('users')
    .select(['id', 'username', 'display_name', 'created_at'])
    .where('id', '=', userId)
    .executeTakeFirstOrThrow();
}

/** Uses the primary key. */
export async function isUserId(db: Kysely<Schema>, id: string): Promise<boolean> {
  return (await db.selectFrom('users').select('id').where('id', '=', id).executeTakeFirst()) !== undefined;
}

/** @returns false when the username is taken. */
export async function insertUser(trx: Transaction<Schema>, user: Profile): Promise<boolean> {
  const result = await trx
    .insertInto('users')
    .values(user)
    .onConflict((conflict) => conflict.column('username').doNothing())
    .executeTakeFirst();
  return result.numInsertedOrUpdatedRows === 1n;
}

/** An empty name removes it. Uses the primary key. */
export async function setDisplayName(trx: Transaction<Schema>, userId: string, name: string): Promise<void> {
  await trx
    .updateTable('users')
    .set({ display_name: name === '' ? null : name })
    .where('id', '=', userId)
    .execute();
}
