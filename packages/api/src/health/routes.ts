import { isoTime } from '@mahilo/shared/clock';
import { readinessOf } from '@mahilo/shared/db/ready';
import type { ApiDeps, App } from '../deps.ts';
import { answers, text, time } from '../http/fields.ts';
import { Type } from '../http/type.ts';

const Health = Type.Object(
  { status: Type.Literal('ok', { description: 'Always this.' }), timestamp: time('The time here.') },
  { title: 'Health', description: 'The process answers.' },
);

const Ready = Type.Object(
  { status: Type.Literal('ready', { description: 'Requests are welcome.' }) },
  { title: 'Ready', description: 'Requests are welcome.' },
);

const Unready = Type.Object(
  {
    status: Type.Literal('unready', { description: 'The log says why.' }),
    reason: Type.Optional(
      text({
        description: 'While the database is being upgraded: how far that is.',
        examples: ['Another process upgrades the database: migration 3 of 16 (0008-stored-bytes), for 4 s.'],
      }),
    ),
  },
  { title: 'Unready', description: 'Ask another one, or later.' },
);

/** Reports that the process answers, and whether it can work; nothing more, because anybody may ask. */
export function registerHealth(app: App, { db, clock, settings }: ApiDeps): void {
  const isReady = readinessOf({ ...db, write: (work) => db.write('registry', work) }, settings.MIN_FREE_DISK);
  app.get(
    '/health',
    {
      config: { rateLimit: false },
      schema: {
        operationId: 'getHealth',
        tags: ['Health'],
        summary: 'The process answers',
        security: [],
        response: answers({ 200: Health }),
      },
    },
    () => ({ status: 'ok' as const, timestamp: isoTime(clock.now()) }),
  );

  app.get(
    '/ready',
    {
      config: { rateLimit: false },
      schema: {
        operationId: 'getReadiness',
        tags: ['Health'],
        summary: 'The database takes a write, its disk has room, and its schema is current',
        security: [],
        response: answers({ 200: Ready, 503: Type.Union([Unready, Type.Ref('Error')]) }),
      },
    },
    async (_request, reply) =>
      (await isReady())
        ? { status: 'ready' as const }
        : reply.status(503).send({ status: 'unready' as const }),
  );
}
