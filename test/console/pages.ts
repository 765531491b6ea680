/** The pages that the menu leads a person to, and an operator. */
export const PERSONS_MENU = [
  'Overview',
  'Agents',
  'Conversations',
  'Deliveries',
  'Friends',
  'Groups',
  'Policies',
  'Reviews',
  'Live',
  'Settings',
] as const;
export const OPERATORS_MENU = [
  'Health',
  'Queue',
  'Dead letters',
  'Traffic',
  'Users',
  'Invitations',
  'Audit',
  'Registry settings',
  'Secret',
] as const;
