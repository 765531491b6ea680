import type { components, Opening } from '@mahilo/client';
import { bold, foreignText } from './output.ts';
import { visible } from './visible.ts';

type Schemas = components['schemas'];

export const CIPHERTEXT = 'application/mahilo+ciphertext';

/** A message that came, for people. */
export function forPeople(message: Schemas['CallbackMessage'] & Partial<Opening>): string {
  const { verified, signed_at, repeated, unopened } = message;
  const { message_id, sender, timestamp, correlation_id, in_response_to, group_id, group_name } = message;
  const about = [
    signed_at ?? timestamp,
    verified && 'encrypted',
    // Nobody vouches for it but the registry.
    verified === false && unopened === undefined && 'in the open',
    repeated && 'again',
    group_id && `in ${group_name ?? group_id}`,
    correlation_id && `topic ${correlation_id}`,
    in_response_to && `answers ${in_response_to}`,
  ];
  const head = `${visible(message_id)}  ${bold(visible(sender))}  ${visible(about.filter(Boolean).join(', '))}`;
  return [head, foreignText(textOf(message)), ...contextOf(message)].join('\n');
}

/** The text, or that there is none to read. */
export function textOf({
  message,
  payload_type,
  encryption,
  verified,
  unopened,
}: Pick<Schemas['CallbackMessage'], 'message' | 'payload_type' | 'encryption'> & Partial<Opening>): string {
  if (unopened !== undefined) return `(encrypted, and not opened: ${unopened.code}. ${unopened.reason})`;
  const isEncrypted = !verified && (encryption !== undefined || payload_type === CIPHERTEXT);
  return isEncrypted ? `(encrypted; --json shows it)\n${message}` : message;
}

function contextOf({ context }: Schemas['CallbackMessage']): string[] {
  return context === undefined ? [] : ['  context:', foreignText(context)];
}

/** What became of a message, for people. */
export function statusForPeople(message: Schemas['MessageWithDeliveries']): string {
  const { id, status, sender, recipient, created_at, rejection_reason, deliveries } = message;
  const lines = [`${id}  ${status}  from ${sender} to ${recipient}, ${created_at}`];
  if (rejection_reason !== undefined) lines.push(`  ${rejection_reason}`);
  for (const { recipient: to, status: state, held_because, last_error, delivered_at } of deliveries) {
    const why = state === 'pending' ? held_because : (delivered_at ?? last_error);
    lines.push(`  ${to}  ${state}${why === undefined ? '' : `  ${why}`}`);
  }
  return lines.map((line) => line.replace(/\S.*/, visible)).join('\n');
}
