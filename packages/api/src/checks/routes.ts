import { BOUNDS } from '@mahilo/shared/bounds/bounds';
import { invalidField, MahiloError } from '@mahilo/shared/errors';
import type { Caller } from '../access/caller.ts';
import { findOwnAgent } from '../agents/connections.ts';
import { assertNotHeld, noSuchAgent } from '../agents/refusals.ts';
import { requireUser, userOf } from '../auth/authenticate.ts';
import type { App } from '../deps.ts';
import { clientGone } from '../http/client-gone.ts';
import { answers, IdParams } from '../http/fields.ts';
import { secondsLeft, WindowCounters } from '../http/window-counters.ts';
import type { AcceptorDeps } from '../messages/acceptors.ts';
import { type CalledAgent, checkAgent } from './check-agent.ts';
import { AgentCheckAnswer, SentTest } from './schemas.ts';
import { sendTest } from './send-test.ts';

const WINDOW_MS = 60_000;
/** Test messages per minute and user: enough for a person who sets up an agent. */
const TESTS_PER_MINUTE = 10;
/** Checks of agents at one host in a minute, whoever asks for them: nobody floods a stranger by many accounts. */
const CHECKS_PER_HOST = 30;
const HOSTS_COUNTED = 10_000;

/** What an owner tries an agent with. */
export function registerChecks(app: App, deps: AcceptorDeps): void {
  const { settings } = deps;
  const limited = (max: number) => ({ rateLimit: { max: Math.min(max, settings.RATE_LIMIT) } });
  app.post(
    '/agents/:id/test',
    {
      ...requireUser,
      config: limited(TESTS_PER_MINUTE),
      schema: {
        operationId: 'testAgent',
        tags: ['Agents'],
        summary: 'Send my agent a test message, from me',
        params: IdParams,
        errors: ['NOT_FOUND', 'CONNECTION_INACTIVE'],
        response: answers({ 200: SentTest }),
      },
    },
    async (request) => {
      const sent = await sendTest(deps, userOf(request), request.params.id);
      request.createdIds = sent;
      return { ...sent, status: 'pending' as const };
    },
  );

  const hosts = new WindowCounters(deps.clock, WINDOW_MS, HOSTS_COUNTED);
  app.post(
    '/agents/:id/check',
    {
      ...requireUser,
      config: limited(BOUNDS.checks_per_minute.limit()),
      schema: {
        operationId: 'checkAgent',
        tags: ['Agents'],
        summary: 'Send my agent four callbacks, three of them odd, and judge what it makes of them',
        params: IdParams,
        errors: ['NOT_FOUND', 'CONNECTION_INACTIVE'],
        response: answers({ 200: AgentCheckAnswer }),
      },
    },
    async (request, reply) => {
      const caller = userOf(request);
      const agent = await calledAgent(deps, caller, request.params.id);
      assertFew(hosts, new URL(agent.callback_url).host);
      const checks = await checkAgent(deps, caller, agent, clientGone(reply));
      const passed = checks.every(({ verdict }) => verdict === 'passed');
      return { passed, timeout_ms: settings.CALLBACK_TIMEOUT_MS, checks };
    },
  );
}

/** @throws MahiloError NOT_FOUND, INVALID_REQUEST, CONNECTION_INACTIVE while the operator holds it: nothing goes there */
async function calledAgent({ db }: AcceptorDeps, caller: Caller, id: string): Promise<CalledAgent> {
  const agent = await findOwnAgent(db.kysely, caller.id, id);
  if (agent === undefined) throw noSuchAgent();
  const { callback_url } = agent;
  if (callback_url === null)
    throw invalidField('id', 'is of an agent that fetches its messages, which is never called');
  assertNotHeld(agent);
  return { ...agent, callback_url };
}

/** @throws MahiloError RATE_LIMITED */
function assertFew(hosts: WindowCounters, host: string): void {
  const { count, leftMs } = hosts.add(host);
  if (count <= CHECKS_PER_HOST) return;
  const seconds = secondsLeft(leftMs);
  throw new MahiloError('RATE_LIMITED', `Agents there were checked too often; try again in ${seconds} s.`, {
    retryAfterSeconds: seconds,
  });
}
