import { randomUUID } from 'node:crypto';
import { callbackBody } from '@mahilo/shared/callback/body';
import { signatureHeaders, signingSecret } from '@mahilo/shared/callback/sign';
import { messageText } from '../rig/message-text.ts';

const SECRET = signingSecret(`whsec_${Buffer.alloc(32, 7).toString('base64')}`);

/** The callback of message `n`: as long as the product's callbacks, and signed like them. */
export function signedCallback(n: number): { headers: Record<string, string>; body: Buffer } {
  const uuid = randomUUID().replaceAll('-', '').slice(6);
  const messageId = `msg_${uuid}`;
  const deliveryId = `dlv_${uuid}`;
  const at = Date.now();
  const body = Buffer.from(
    callbackBody({
      id: deliveryId,
      connection_id: `conn_${uuid}`,
      message_id: messageId,
      sender_id: `usr_${uuid}`,
      sender_username: 'person-1',
      sender_agent: 'agent',
      sender_connection_id: null,
      body: messageText(n),
      payload_type: 'text/plain',
      encryption_json: null,
      sender_signature_json: null,
      context: null,
      correlation_id: null,
      in_response_to: null,
      group_id: null,
      group_name: null,
      accepted_at: at,
    }),
  );
  const timestamp = Math.floor(at / 1000);
  const headers = {
    'Content-Type': 'application/json',
    ...signatureHeaders({ secret: SECRET, previousSecret: undefined, webhookId: messageId, timestamp, body }),
    'X-Mahilo-Message-Id': messageId,
    'X-Mahilo-Delivery-Id': deliveryId,
    'X-Mahilo-Attempt': '1',
  };
  return { headers, body };
}
