import { Readable } from 'node:stream';
import { isoTime } from '@mahilo/shared/clock';
import { isKeyStillValid, requireUser, userOf } from '../auth/authenticate.ts';
import type { KeyCache } from '../auth/key-cache.ts';
import type { ApiDeps, App } from '../deps.ts';
import { answers } from '../http/fields.ts';
import { Exports } from './exports.ts';
import { ownData } from './own-data.ts';
import { ExportQuery, ExportText } from './schemas.ts';

/** The characters of an ISO time that are its day. */
const DAY = 10;

/** What a person takes out of the registry: all that is theirs, in one answer that is written as it is read. */
export function registerExport(app: App, { db, clock }: ApiDeps, keyCache: KeyCache): void {
  const exports = new Exports(clock);
  app.addHook('preClose', async () => exports.close());

  app.get(
    '/auth/export',
    {
      ...requireUser,
      exposeHeadRoute: false,
      schema: {
        operationId: 'exportOwnData',
        tags: ['Auth'],
        summary: 'All that is mine, as lines of JSON: profile, agents, friends, groups, policies, messages',
        querystring: ExportQuery,
        response: answers({ 200: { content: { 'application/x-ndjson': { schema: ExportText } } } }),
      },
    },
    (request, reply) => {
      const caller = userOf(request);
      const { text, end } = exports.begin(caller.id, ownData(db.kysely, caller, request.query.after), {
        isAllowed: () => isKeyStillValid(request, keyCache),
        breakOff: () => reply.raw.destroy(),
      });
      const body = Readable.from(text, { highWaterMark: 1 });
      body.once('close', end);
      // It may be refused before anybody reads it.
      reply.raw.once('close', end);
      const name = `mahilo-${caller.username}-${isoTime(clock.now()).slice(0, DAY)}.ndjson`;
      return reply
        .headers({
          'content-type': 'application/x-ndjson; charset=utf-8',
          'content-disposition': `attachment; filename="${name}"`,
          'cache-control': 'no-store',
        })
        .send(body);
    },
  );
}
