import type { Resident } from './people.ts';
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

/** Every page of a person. */
export function personsPages({ agents, groupId, policyId, friend, ...ids }: Resident): ConsolePage[] {
  return [
    page('overview', '', '.needs li'),
    page('agents', '/agents', 'table'),
    page('agent', `/agents/${agents.well}`, 'main table'),
    page('agent-failing', `/agents/${agents.failing}`, 'main table'),
    page('agent-add', '/agents/new', '.steps input'),
    page('agent-add-goes-on', `/agents/new?agent=${agents.polling}`, '.code-block'),
    page('agent-unknown', '/agents/conn_unknown', 'h1'),
    page('conversations', '/conversations', '.threads li'),
    page('conversation', `/conversations?with=${friend}`, '.messages li'),
    page('conversation-thread', `/conversations?with=${friend}&about=stars%20on%20Friday`, '.messages li'),
    page(
      'conversation-message',
      `/conversations?with=${friend}&message=${ids.messageId}`,
      'dialog .attempts li',
    ),
    page('deliveries', '/deliveries', 'table'),
    page('deliveries-failed', '/deliveries?status=failed', 'main table'),
    page('delivery', `/deliveries?delivery=${ids.deliveryId}`, 'dialog .attempts li'),
    page('friends', '/friends', '.needs details'),
    page('friends-link', `/friends/link#${ids.friendLink}`, 'main .lead'),
    page('groups', '/groups', '.needs, table'),
    page('group', `/groups/${groupId}`, 'table'),
    page('policies', '/policies', '.split .needs'),
    page('policy-new', '/policies/new', 'form'),
    page('policy', `/policies/${policyId}`, 'form'),
    page('reviews', '/reviews', '.needs'),
    page('live', '/live', '.events li'),
    page('settings', '/settings', '#keys + .needs'),
    page('not-found', '/nowhere/<script>', 'h1'),
  ];
}

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
