import { isoTime } from '../clock.ts';

/** What a callback says, as it stands in the database. */
export interface CallbackFacts {
  id: string;
  connection_id: string;
  message_id: string;
  sender_id: string;
  sender_username: string;
  sender_agent: string;
  sender_connection_id: string | null;
  body: string;
  payload_type: string;
  encryption_json: string | null;
  sender_signature_json: string | null;
  context: string | null;
  correlation_id: string | null;
  in_response_to: string | null;
  group_id: string | null;
  group_name: string | null;
  accepted_at: number;
}

/**
 * The body of a callback. It is made of nothing that changes after the message was accepted, so it is byte-identical
 * over all attempts; absent values are left out.
 */
export function callbackBody(facts: CallbackFacts): string {
  return JSON.stringify({
    message_id: facts.message_id,
    delivery_id: facts.id,
    correlation_id: facts.correlation_id ?? undefined,
    in_response_to: facts.in_response_to ?? undefined,
    recipient_connection_id: facts.connection_id,
    sender: facts.sender_username,
    sender_user_id: facts.sender_id,
    sender_agent: facts.sender_agent,
    sender_connection_id: facts.sender_connection_id ?? undefined,
    message: facts.body,
    payload_type: facts.payload_type,
    encryption: parsed(facts.encryption_json),
    sender_signature: parsed(facts.sender_signature_json),
    context: facts.context ?? undefined,
    group_id: facts.group_id ?? undefined,
    group_name: facts.group_name ?? undefined,
    timestamp: isoTime(facts.accepted_at),
  });
}

function parsed(json: string | null): unknown {
  return json === null ? undefined : JSON.parse(json);
}
