import type { CallbackRow } from '@mahilo/shared/callback/body';
import { callbackRequest } from '@mahilo/shared/callback/request';
import { newCallbackSecret, signingSecret } from '@mahilo/shared/callback/sign';
import type { Exchange } from '@mahilo/shared/egress/client';
import { MahiloError } from '@mahilo/shared/errors';
import { unsealWithRing } from '@mahilo/shared/sealing/seal';
import type { Caller } from '../access/caller.ts';
import type { ConnectionRow } from '../agents/connections.ts';
import { noteSignOfLife } from '../agents/ping.ts';
import type { ApiDeps } from '../deps.ts';
import { CHECKS, type CheckName, SKIPPED, type Verdict, verdictOn } from './verdict.ts';

/** An agent has at most so long (ms) for each answer: the whole check ends before a proxy gives up on it. */
const TIMEOUT_MS = 10_000;
/** Twice as old (ms) as what receivers are told to take. */
const STALE_MS = 600_000;
const TEXT = 'This is a check of your agent, which you have asked for. There is nothing to do.';

/** A callback that was sent, or not, and what came of it. */
export interface Checked extends Verdict {
  name: CheckName;
  /** Of the request, without those that the receiver wants beside: they may hold its password. */
  headers?: Record<string, string>;
  duration_ms?: number;
  status_code?: number;
  error?: string;
  response_excerpt?: string;
}

/** An agent that is called. */
export type CalledAgent = ConnectionRow & { callback_url: string };

/**
 * Sends an agent four real callbacks, through the guard, and judges its answers: a valid one, one with a wrong signature,
 * the first one again, and one that was signed long ago. They are stored nowhere. That it took the valid one is a sign of
 * life.
 * @throws MahiloError UNAVAILABLE when its secret cannot be opened, UNAUTHORIZED when the caller's key has died meanwhile.
 */
export async function checkAgent(
  deps: ApiDeps,
  caller: Caller,
  agent: CalledAgent,
  gone: AbortSignal,
): Promise<Checked[]> {
  await deps.db.assertStillValid(caller);
  const callback = callbacksTo(deps, caller, agent);
  const timeoutMs = Math.min(TIMEOUT_MS, deps.settings.CALLBACK_TIMEOUT_MS);
  const checked: Checked[] = [];
  for (const name of CHECKS) {
    if (gone.aborted || checked[0]?.verdict === 'failed') {
      checked.push({ name, ...SKIPPED });
      continue;
    }
    const { headers, body, shown } = callback(name);
    const exchange = await deps.egress.post({
      url: agent.callback_url,
      headers,
      body,
      timeoutMs,
      signal: gone,
    });
    checked.push({ name, ...verdictOn(name, exchange), headers: shown, ...told(exchange) });
  }
  await deps.db.assertStillValid(caller);
  if (checked[0]?.verdict === 'passed') await noteSignOfLife(deps, caller, agent.id);
  return checked;
}

/** What makes the callbacks of one check. */
function callbacksTo(deps: ApiDeps, caller: Caller, agent: CalledAgent) {
  const { clock, newId, random } = deps;
  const open = (sealed: Buffer | null) => (sealed === null ? undefined : opened(deps, agent.id, sealed));
  const secret = signingSecret(open(agent.callback_secret) ?? '');
  const ownHeaders: Record<string, string> = JSON.parse(open(agent.callback_headers) ?? '{}');
  const own = new Set(Object.keys(ownHeaders));
  const firstId = newId('msg');
  const acceptedAt = clock.now();
  return (name: CheckName) => {
    const isForged = name === 'forged';
    const messageId = name === 'valid' || name === 'repeated' ? firstId : newId('msg');
    const now = clock.now();
    const { headers, body } = callbackRequest(messageTo(caller, agent, messageId, acceptedAt), {
      secret: isForged ? signingSecret(newCallbackSecret(random)) : secret,
      previousSecret: undefined,
      webhookId: messageId,
      timestamp: Math.floor((name === 'stale' ? now - STALE_MS : now) / 1000),
      attempt: name === 'repeated' ? 2 : 1,
      format: agent.callback_format,
      // Who forges has no password of the receiver's either.
      ownHeaders: isForged ? {} : ownHeaders,
    });
    const shown = Object.fromEntries(Object.entries(headers).filter(([header]) => !own.has(header)));
    return { headers, body, shown };
  };
}

/** @throws MahiloError UNAVAILABLE when it was sealed under a SECRET_KEY that is lost. */
function opened({ keys }: Pick<ApiDeps, 'keys'>, connectionId: string, sealed: Buffer): string {
  try {
    return unsealWithRing(keys, sealed, connectionId).secret;
  } catch (cause) {
    const sentence = 'The registry cannot open this agent’s secret: connect it again with rotate_secret.';
    throw new MahiloError('UNAVAILABLE', sentence, { cause });
  }
}

/** A message to the agent from its owner, as a callback has it. */
function messageTo(
  { id, username }: Caller,
  agent: CalledAgent,
  messageId: string,
  acceptedAt: number,
): CallbackRow {
  return {
    id: messageId.replace('msg', 'dlv'),
    connection_id: agent.id,
    message_id: messageId,
    sender_id: id,
    sender_username: username,
    sender_agent: 'check',
    sender_connection_id: null,
    body: TEXT,
    payload_type: 'text/plain',
    encryption_json: null,
    sender_signature_json: null,
    context: null,
    correlation_id: null,
    in_response_to: null,
    group_id: null,
    group_name: null,
    accepted_at: acceptedAt,
  };
}

function told(exchange: Exchange): Partial<Checked> {
  const { durationMs: duration_ms } = exchange;
  if (exchange.kind === 'failure') return { duration_ms, error: exchange.error };
  const { statusCode: status_code, excerpt } = exchange;
  return { duration_ms, status_code, ...(excerpt !== null && { response_excerpt: excerpt }) };
}
