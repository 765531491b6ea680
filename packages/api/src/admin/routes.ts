import type { Limits } from '../bounds/limits.ts';
import type { ApiDeps, App } from '../deps.ts';
import { registerAudit } from './audit-routes.ts';
import { registerDeadLetters } from './dead-letter-routes.ts';
import { registerHealthOfRegistry } from './health-routes.ts';
import { registerInvites } from './invite-routes.ts';
import { operatorsOnly } from './operator.ts';
import { registerQueue } from './queue-routes.ts';
import { QueueView } from './queue-view.ts';
import { registerTraffic } from './traffic-routes.ts';
import { registerUsers } from './user-routes.ts';

/** Everything of the operator's, for an app of its own. Nothing of it ever says what is in a message. */
export function registerAdmin(app: App, deps: ApiDeps, limits: Limits): void {
  const queue = new QueueView(deps);
  app.addHook('preParsing', operatorsOnly(deps.settings));
  registerHealthOfRegistry(app, deps);
  registerQueue(app, deps, queue);
  registerDeadLetters(app, deps, queue);
  registerUsers(app, deps, limits);
  registerInvites(app, deps);
  registerAudit(app, deps);
  registerTraffic(app, deps);
}
