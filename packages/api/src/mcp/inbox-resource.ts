import { isCiphertext } from '@mahilo/shared/messages/ciphertext';
import { type ReadResourceResult, type Resource, ResourceNotFoundError } from '@modelcontextprotocol/server';
import type { Caller } from '../access/caller.ts';
import { covers } from '../access/scopes.ts';
import { countFittingAsJson } from '../http/page-bytes.ts';
import { listMessages } from '../messages/messages.ts';
import { toMessage } from '../messages/read-message.ts';
import { shownToModel } from './encrypted-mail.ts';
import type { Session } from './session.ts';

/** Messages in the resource. */
const LATEST = 20;
/** Bytes of their texts. */
const MAX_BYTES = 131_072;

const RECEIVED = {
  direction: 'received',
  since: undefined,
  sinceId: undefined,
  status: undefined,
  correlationId: undefined,
} as const;

/** The URI of what a user has received. */
export function inboxUri({ username }: Pick<Caller, 'username'>): string {
  return `mahilo://${username}/inbox`;
}

/** Whether a caller's key may read what the user has received: a key of one agent may not. */
export function mayReadInbox(caller: Caller): boolean {
  return covers(caller, 'GET /messages');
}

export function inboxResource(caller: Caller): Resource {
  return {
    uri: inboxUri(caller),
    name: 'inbox',
    title: 'Inbox',
    description: `The last ${LATEST} messages that ${caller.username} was sent. Reading it marks nothing as handled.`,
    mimeType: 'application/json',
  };
}

/** @throws ResourceNotFoundError for any other URI, somebody else's inbox among them. */
export async function readInbox({ deps, caller }: Session, uri: string): Promise<ReadResourceResult> {
  if (uri !== inboxUri(caller)) throw new ResourceNotFoundError(uri);
  const { rows } = await listMessages(deps.db.kysely, caller.id, RECEIVED, {
    limit: LATEST,
    after: undefined,
  });
  const kept = rows.slice(0, LATEST);
  const count = countFittingAsJson(kept, ({ body, context }) => [body, context ?? ''], MAX_BYTES);
  const text = JSON.stringify(
    kept.slice(0, count).map((row) => shownToModel(toMessage(row), isCiphertext(row))),
  );
  return { contents: [{ uri, mimeType: 'application/json', text }] };
}
