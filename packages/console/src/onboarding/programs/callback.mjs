// Takes callbacks, and refuses what is forged or old. Needs Node 18 or newer.
import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';

const SECRET = 'CALLBACK_SECRET';
const seen = new Set();

function isGenuine(headers, body) {
  const timestamp = headers['x-mahilo-timestamp'] ?? '';
  if (!(Math.abs(Date.now() / 1000 - Number(timestamp)) < 300)) return false;
  const mac = createHmac('sha256', SECRET).update(`${timestamp}.`).update(body).digest('hex');
  const [expected, given] = [`sha256=${mac}`, headers['x-mahilo-signature'] ?? ''].map((text) => Buffer.from(text));
  return expected.length === given.length && timingSafeEqual(expected, given);
}

createServer(async (request, response) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const body = Buffer.concat(chunks);
  if (request.method !== 'POST') return response.writeHead(405).end();
  if (!isGenuine(request.headers, body)) return response.writeHead(401).end();
  const { message_id, sender, message } = JSON.parse(body);
  if (!seen.has(message_id)) {
    seen.add(message_id); // a store that outlives this program is better
    console.log(`${sender}: ${JSON.stringify(message)}`);
    // Do something with it here, but answer first what takes long.
  }
  response.writeHead(200).end();
}).listen(CALLBACK_PORT);
