import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';
import type { Dice } from './dice.ts';
import type { Arrival, Journal } from './journal.ts';

type Behaviour = (response: ServerResponse, arrival: Arrival) => void;

const accept: Behaviour = (response, arrival) => {
  response.on('finish', () => {
    arrival.acceptedAt = Date.now();
  });
  response.writeHead(200).end('thanks');
};

/** A 2xx accepts once its header is there, whatever becomes of the body. */
const acceptUnfinished = (response: ServerResponse, arrival: Arrival, headers = {}) => {
  response.writeHead(200, headers).write('so', () => {
    arrival.acceptedAt = Date.now();
  });
};

/** The header may or may not get through. */
export const RESET_IN_ANSWER = 'reset in the middle of the answer';

/** Everything that agents do to their callers. */
const BEHAVIOURS: Readonly<Record<string, Behaviour>> = {
  accept,
  'accept late': (response, arrival) => void setTimeout(() => accept(response, arrival), 200),
  'answer 500': (response) => response.writeHead(500).end('no'),
  'answer 429': (response) => response.writeHead(429, { 'retry-after': '1' }).end(),
  redirect: (response) => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(),
  hang: () => undefined,
  'hang after the headers': (response, arrival) =>
    acceptUnfinished(response, arrival, { 'content-length': '10' }),
  'reset before an answer': (response) => void response.socket?.resetAndDestroy(),
  'take it, then drop the connection': (response) => void response.socket?.destroy(),
  [RESET_IN_ANSWER]: (response, arrival) => {
    acceptUnfinished(response, arrival, { 'content-length': '100' });
    response.socket?.resetAndDestroy();
  },
  'answer endlessly': (response, arrival) => {
    acceptUnfinished(response, arrival);
    const drip = setInterval(() => response.write('.'), 50);
    response.on('close', () => clearInterval(drip));
  },
};
const FAULTY = Object.keys(BEHAVIOURS).filter((name) => !name.startsWith('accept'));

/** How an agent behaves over time; `healthy` ends all misbehaviour. */
const MOODS: readonly ((dice: Dice, at: number) => string)[] = [
  () => 'accept',
  (dice) => (dice.chance(0.5) ? 'accept late' : 'accept'),
  (dice) => (dice.chance(0.4) ? dice.pick(FAULTY) : 'accept'),
  (dice, at) => (Math.floor(at / 6000) % 2 === 0 ? 'hang' : dice.pick(['accept', 'accept late'])),
  (_dice, at) => (Math.floor(at / 9000) % 2 === 0 ? 'answer 500' : 'accept'),
];

/** The agents that take callbacks in a run, all behind one server. Each has a path, a secret and a mood. */
export class Receivers implements AsyncDisposable {
  readonly #journal: Journal;
  readonly #dice: Dice;
  readonly #agents = new Map<string, { username: string; secret: string }>();
  readonly #server: Server;
  #healthy = false;

  constructor(journal: Journal, dice: Dice) {
    this.#journal = journal;
    this.#dice = dice;
    this.#server = createServer((request, response) => this.#receive(request, response));
  }

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
  }

  urlOf(agent: number): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/${agent}`;
  }

  introduce(agent: number, username: string, secret: string): void {
    this.#agents.set(`/${agent}`, { username, secret });
  }

  /** From now on all accept. */
  heal(): void {
    this.#healthy = true;
    this.#server.closeAllConnections();
  }

  #receive(request: IncomingMessage, response: ServerResponse): void {
    const chunks: Buffer[] = [];
    request.on('error', () => undefined);
    response.on('error', () => undefined);
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      const arrival = this.#verified(request, Buffer.concat(chunks).toString('utf8'));
      this.#journal.arrivals.push(arrival);
      response.on('close', () => {
        arrival.endedAt = Date.now();
      });
      BEHAVIOURS[arrival.behaviour]?.(response, arrival);
    });
  }

  #verified(request: IncomingMessage, body: string): Arrival {
    const mood = MOODS[Number(request.url?.slice(1)) % MOODS.length];
    const behaviour = this.#healthy ? 'accept' : (mood?.(this.#dice, Date.now()) ?? 'accept');
    const agent = this.#agents.get(request.url ?? '');
    const arrival: Arrival = {
      way: 'callback',
      receiver: agent?.username ?? '',
      messageId: '',
      deliveryId: '',
      message: '',
      valid: false,
      at: Date.now(),
      behaviour,
    };
    try {
      const json = new Webhook(agent?.secret ?? '').verify(
        body,
        request.headers as Record<string, string>,
      ) as Record<string, string>;
      const [messageId, deliveryId, message] = [json['message_id'], json['delivery_id'], json['message']];
      return {
        ...arrival,
        messageId: `${messageId}`,
        deliveryId: `${deliveryId}`,
        message: `${message}`,
        valid: true,
      };
    } catch {
      return arrival;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
