/** What one can call a friend, in words, by the name that policies ask for. */
export const ROLES: Readonly<Record<string, string>> = {
  close_friends: 'close friend',
  friends: 'friend like any other',
  acquaintances: 'acquaintance',
  work_contacts: 'from work',
  family: 'family',
};
