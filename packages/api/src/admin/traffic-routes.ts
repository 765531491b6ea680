import { isoTime } from '@mahilo/shared/clock';
import type { ApiDeps, App } from '../deps.ts';
import { answers, oneOf, time } from '../http/fields.ts';
import { Type } from '../http/type.ts';
import { Memory } from './remembered.ts';
import { OPERATOR, REFUSALS } from './route-options.ts';
import { RANGES, type Range, type Step, trafficOf } from './traffic.ts';

const REMEMBERED_MS = 30_000;
const NAMES = Object.keys(RANGES) as Range[];

const count = (description: string) => Type.Integer({ minimum: 0, description, examples: [12] });
const parts = (title: string, description: string) =>
  Type.Object(
    {
      p50: Type.Integer({
        minimum: 0,
        description: 'Half of them took at most so long (ms).',
        examples: [25],
      }),
      p95: Type.Integer({ minimum: 0, description: '95 of 100 took at most so long (ms).', examples: [100] }),
      p99: Type.Integer({ minimum: 0, description: '99 of 100 took at most so long (ms).', examples: [250] }),
    },
    { title, description },
  );

const TrafficStep = Type.Object(
  {
    at: time('When the step began.'),
    accepted: count('Messages that were accepted.'),
    delivered: count('Deliveries that arrived.'),
    failed: count('Deliveries that became dead letters.'),
    attempts: count('Callbacks that were tried.'),
    requests: count('Requests to the API.'),
    unauthorized: count('Requests that were refused with 401.'),
    limited: count('Requests that were refused with 429.'),
    errors: count('Requests that failed with a status from 500 on.'),
    wait: Type.Optional(
      parts('WaitOfStep', 'From accepting a message to its first attempt; without one, none.'),
    ),
    callback: Type.Optional(parts('CallbackOfStep', 'How long callbacks took; without one, none.')),
  },
  { title: 'TrafficStep', description: 'What was counted in a step.' },
);

const Traffic = Type.Object(
  {
    step_seconds: Type.Integer({ minimum: 60, description: 'How long a step is.', examples: [900] }),
    steps: Type.Array(TrafficStep, { description: 'The oldest first; the last one is not over.' }),
  },
  { title: 'Traffic', description: 'What all processes have counted.' },
);

const TrafficQuery = Type.Object({
  range: Type.Optional(
    oneOf(NAMES, { title: 'TrafficRange', description: 'How far back: 24 hours, unless you say otherwise.' }),
  ),
});

/** How much was going on. */
export function registerTraffic(app: App, { db, clock }: ApiDeps): void {
  const memories = new Map(
    NAMES.map((range) => [
      range,
      new Memory(clock, REMEMBERED_MS, () => trafficOf(db.kysely, range, clock.now())),
    ]),
  );
  app.get(
    '/stats',
    {
      schema: {
        ...OPERATOR,
        operationId: 'getTraffic',
        summary: 'How much was going on, in steps, by the registry’s own count',
        querystring: TrafficQuery,
        errors: REFUSALS,
        response: answers({ 200: Traffic }),
      },
    },
    async ({ query: { range = '24h' } }) => {
      const steps = (await memories.get(range)?.get())?.value ?? [];
      return { step_seconds: RANGES[range].stepMs / 1000, steps: steps.map(toStep) };
    },
  );
}

function toStep({ at, wait, callback, ...counts }: Step) {
  return { at: isoTime(at), ...counts, ...(wait && { wait }), ...(callback && { callback }) };
}
