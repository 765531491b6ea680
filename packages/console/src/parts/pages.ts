/** A person's pages, as the menu has them. The first letters differ: `g` and one of them leads there. */
export const PAGES = [
  ['/console', 'Overview'],
  ['/console/agents', 'Agents'],
  ['/console/conversations', 'Conversations'],
  ['/console/deliveries', 'Deliveries'],
  ['/console/friends', 'Friends'],
  ['/console/groups', 'Groups'],
  ['/console/policies', 'Policies'],
  ['/console/reviews', 'Reviews'],
  ['/console/live', 'Live'],
  ['/console/settings', 'Settings'],
] as const;
