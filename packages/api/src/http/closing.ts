import type { App } from '../deps.ts';

/**
 * Makes each answer that is given while the server stops the last one on its connection. Idle connections are closed
 * when the stop begins; one that is kept alive after that would hold it up.
 */
export function registerClosing(app: App): void {
  let isClosing = false;
  app.addHook('preClose', (done) => {
    isClosing = true;
    done();
  });
  app.addHook('onSend', (_request, reply, _payload, done) => {
    if (isClosing) reply.header('connection', 'close');
    done();
  });
}
