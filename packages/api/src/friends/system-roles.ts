/** The roles that everybody can give to a friend, and what they are for. */
export const SYSTEM_ROLES = {
  acquaintances: 'People you know a little.',
  close_friends: 'The friends you trust with most.',
  family: 'Your family.',
  friends: 'Friends like any other.',
  work_contacts: 'People you know from work.',
} as const satisfies Readonly<Record<string, string>>;

export type Role = keyof typeof SYSTEM_ROLES;

export function isRole(name: string): name is Role {
  return Object.hasOwn(SYSTEM_ROLES, name);
}
