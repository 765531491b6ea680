import type { App } from '../deps.ts';
import { pathOf } from './error-handler.ts';

/** Characters of a path that are logged; ours are shorter. */
const MAX_PATH = 200;

/** One line a request, when it was answered; never its query, which can carry a key. */
export function registerAccessLog(app: App): void {
  app.addHook('onResponse', (request, reply, done) => {
    request.log.info(
      {
        method: request.method,
        path: pathOf(request).slice(0, MAX_PATH),
        status: reply.statusCode,
        duration_ms: Math.round(reply.elapsedTime * 10) / 10,
        user_id: request.user?.id,
        client: request.ip,
      },
      'Request answered',
    );
    done();
  });
}
