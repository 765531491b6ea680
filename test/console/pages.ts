import type { Visitor } from './visitor.ts';

/** A page of the console. */
export interface ConsolePage {
  /** Of its pictures. */
  name: string;
  /** Below `/console`. */
  path: string;
  /** What is there, and visible, once the page is whole. */
  whole: string;
}

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

const page = (name: string, path: string, whole: string): ConsolePage => ({ name, path, whole });

/** Every page of the operator. */
export function operatorsPages(userId: string): ConsolePage[] {
  return [
    page('operator-health', '/operator/health', '.findings'),
    page('operator-queue', '/operator/queue', 'table'),
    page('operator-queue-by-agent', '/operator/queue?by=agent', 'table'),
    page('operator-dead-letters', '/operator/dead-letters', 'table'),
    page('operator-traffic', '/operator/traffic?range=1h', '.chart'),
    page('operator-users', '/operator/users', 'table'),
    page('operator-user', `/operator/users/${userId}`, 'table'),
    page('operator-invitations', '/operator/invitations', 'table'),
    page('operator-audit', '/operator/audit', 'table'),
    page('operator-settings', '/operator/settings', 'table'),
    page('operator-secret', '/operator/secret', 'table'),
  ];
}

/** Opens a page, and waits until it is whole. */
export async function openPage(visitor: Visitor, { path, whole }: ConsolePage): Promise<void> {
  await visitor.open(path);
  await visitor.page.getByRole('heading', { level: 1, includeHidden: true }).waitFor();
  await visitor.page.locator(whole).first().waitFor();
  await visitor.page.locator('.loading').first().waitFor({ state: 'detached' });
}
