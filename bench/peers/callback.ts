import { createHmac, randomUUID } from 'node:crypto';
import { Agent, request } from 'node:http';
import type { Attempt, Job } from './queues/queue.ts';

const SECRET = Buffer.alloc(32, 7);
const TIMEOUT_MS = 30_000;
const agent = new Agent({ keepAlive: true, scheduling: 'lifo' });

/**
 * Sends a callback with one signature (Standard Webhooks), with the client that costs Node least.
 * @throws Error when it cannot send it or the answer is not 2xx: then the queue tries again.
 */
export function deliver({ n, url, message }: Job): Promise<Attempt> {
  const begin = performance.now();
  const id = `msg_${randomUUID()}`;
  const timestamp = Math.floor(Date.now() / 1000);
  const body = Buffer.from(JSON.stringify({ message_id: id, number: n, message, timestamp }));
  const signature = createHmac('sha256', SECRET).update(`${id}.${timestamp}.`).update(body).digest('base64');
  const headers = {
    'content-type': 'application/json',
    'content-length': String(body.length),
    'webhook-id': id,
    'webhook-timestamp': String(timestamp),
    'webhook-signature': `v1,${signature}`,
  };
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: 'POST', agent, headers, timeout: TIMEOUT_MS }, (response) => {
      const status = response.statusCode ?? 0;
      response.resume();
      response.on('error', reject);
      response.on('end', () => {
        if (status >= 200 && status < 300) resolve({ status, durationMs: performance.now() - begin });
        else reject(new Error(`The receiver answered ${status}.`));
      });
    });
    sent.on('timeout', () => sent.destroy(new Error(`No answer within ${TIMEOUT_MS} ms.`)));
    sent.on('error', reject);
    sent.end(body);
  });
}
