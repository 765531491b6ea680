/**
 * An agent that takes callbacks as fast as it can. It reads only as much of a request as tells messages apart.
 * Argument: port. It never answers a path that begins with `/hang`.
 *
 * Its messages: `{ expect: n }` forgets what has arrived, and reports once n different messages have arrived, with the
 * time of the first; `{ report: true }` returns what has arrived, and `{ take: true }` also forgets it.
 */
import { createServer, type Socket } from 'node:net';
import { now } from '../rig/now.ts';
import type { Arrivals, ReceiverQuestion } from './receiver-client.ts';

const ANSWER = 'HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 2\r\n\r\nok';
const TEXT_BEGINS = '"message":"#';
const HEAD_ENDS = '\r\n\r\n';

/** By message: when it first arrived (ms on the machine's monotonic clock), and how often. */
let arrivals = new Map<number, { at: number; times: number }>();
let expected = Number.POSITIVE_INFINITY;

createServer({ noDelay: true }, serve).listen(Number(process.argv[2]), '127.0.0.1');

process.on('message', (question: ReceiverQuestion) => {
  if ('expect' in question) {
    arrivals = new Map();
    expected = question.expect;
    process.send?.('ready');
  } else {
    const came: Arrivals = [...arrivals].map(([n, { at, times }]) => [n, at, times]);
    if ('take' in question) arrivals = new Map();
    process.send?.(came);
  }
});
process.once('disconnect', () => process.exit());

function serve(socket: Socket): void {
  let received = '';
  socket.on('data', (chunk) => {
    received = received === '' ? chunk.toString('latin1') : received + chunk.toString('latin1');
    for (;;) {
      const length = requestLength(received);
      if (length === undefined || received.length < length) return;
      take(socket, received.slice(0, length));
      received = received.slice(length);
    }
  });
  socket.on('error', () => socket.destroy());
}

function requestLength(text: string): number | undefined {
  const end = text.indexOf(HEAD_ENDS);
  if (end < 0) return undefined;
  return end + HEAD_ENDS.length + Number(/\r\ncontent-length: (\d+)/i.exec(text)?.[1] ?? 0);
}

function take(socket: Socket, request: string): void {
  if (request.startsWith('POST /hang')) return;
  socket.write(ANSWER);
  const begin = request.indexOf(TEXT_BEGINS);
  if (begin < 0) return;
  const n = Number.parseInt(request.slice(begin + TEXT_BEGINS.length, begin + TEXT_BEGINS.length + 12), 10);
  const before = arrivals.get(n);
  if (before) {
    before.times += 1;
    return;
  }
  arrivals.set(n, { at: now(), times: 1 });
  if (arrivals.size === expected) process.send?.(arrivals.values().next().value?.at);
}
