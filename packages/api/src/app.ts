import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import { largestBody } from '@mahilo/shared/bounds/bounds';
import { fastify, LogController } from 'fastify';
import { registerA2a } from './a2a/routes.ts';
import { apiDatabase } from './access/api-database.ts';
import { registerScopes } from './access/scopes.ts';
import { registerAdmin } from './admin/routes.ts';
import { registerAgents } from './agents/routes.ts';
import { isOfBrowser, registerIdentify, userIdOf } from './auth/authenticate.ts';
import { BrowserSessions } from './auth/browser-sessions.ts';
import { FailedLogins } from './auth/failed-logins.ts';
import { KeyCache } from './auth/key-cache.ts';
import { registerAuth } from './auth/routes.ts';
import { registerStepUp } from './auth/step-up.ts';
import { chargeForGroup } from './bounds/charge-for-group.ts';
import { type Limits, limitsOf } from './bounds/limits.ts';
import { registerLimits } from './bounds/routes.ts';
import { SendQuota } from './bounds/send-quota.ts';
import { registerBrowserLogin } from './browser-login/routes.ts';
import { registerChecks } from './checks/routes.ts';
import { registerConsole } from './console/routes.ts';
import { registerConversations } from './conversations/routes.ts';
import { registerDeliveries } from './deliveries/routes.ts';
import type { ApiDeps, App, AppDeps } from './deps.ts';
import { registerExport } from './export/routes.ts';
import { registerFriends } from './friends/routes.ts';
import { registerGroups } from './groups/routes.ts';
import { registerHealth } from './health/routes.ts';
import { registerAccessLog } from './http/access-log.ts';
import { Budgets } from './http/budgets.ts';
import { ClientAddresses, registerClientAddress } from './http/client-address.ts';
import { registerClosing } from './http/closing.ts';
import { registerConnections } from './http/connections.ts';
import {
  clientErrorHandler,
  MAX_HEADER_BYTES,
  pathOf,
  registerErrorHandler,
  sendError,
} from './http/error-handler.ts';
import { registerIndexPage } from './http/index-page.ts';
import { registerJsonBody } from './http/json-body.ts';
import { registerLastWord } from './http/last-word.ts';
import { registerListeners } from './http/listeners.ts';
import { registerRateLimit } from './http/rate-limit.ts';
import { requestIdSource, requestIds } from './http/request-id.ts';
import { registerRequestRules } from './http/request-rules.ts';
import { registerSecurityHeaders } from './http/security-headers.ts';
import { buildSerializer } from './http/serialization.ts';
import { registerTransfers } from './http/transfers.ts';
import { registerTurns } from './http/turns.ts';
import { registerUnknownRoute, rewriteUndecodable } from './http/unknown-route.ts';
import { compileValidator } from './http/validation.ts';
import { registerInbox } from './inbox/routes.ts';
import { registerKeys } from './keys/routes.ts';
import { Feed } from './live/feed.ts';
import { registerLive, WEBSOCKET_PATH } from './live/routes.ts';
import { registerMcp } from './mcp/routes.ts';
import type { McpDeps } from './mcp/session.ts';
import type { AcceptorDeps } from './messages/acceptors.ts';
import { registerMessages } from './messages/routes.ts';
import { messageSender } from './messages/send.ts';
import { type DecideReview, reviewDecider } from './plugin/decide-review.ts';
import { registerReviewDecisions } from './plugin/review-routes.ts';
import { type Judges, registerPlugin } from './plugin/routes.ts';
import { PolicyEnforcer } from './policies/policy-enforcer.ts';
import { registerPolicies } from './policies/routes.ts';
import { registerReference } from './reference/document.ts';
import { registerSessions } from './sessions/routes.ts';
import { registerSkill } from './skill/routes.ts';
import { registerTrials } from './trials/routes.ts';

const PREFIX = '/api/v1';

/** The API ends the connection of a client that takes longer (ms) to send one request: slow-loris. */
const REQUEST_TIMEOUT_MS = 60_000;
/** The same for the request line and the headers alone, which fit into a few packets. */
const HEADERS_TIMEOUT_MS = 15_000;
/** How often (ms) Node looks for such clients. */
const TIMEOUT_CHECK_MS = 5000;
/** The API ends the connection of a client that takes no byte of its answer for so long (ms). */
const STALLED_MS = 30_000;

/** The server without any route. */
function createServer({ settings, log }: ApiDeps, newRequestId: () => string): App {
  return fastify({
    loggerInstance: log,
    requestIdHeader: false,
    logController: new LogController({ disableRequestLogging: true }),
    // A logger for each request costs more than the one line that it writes; that line names its request.
    childLoggerFactory: (logger) => logger,
    schemaController: { compilersFactory: { buildSerializer } },
    genReqId: requestIdSource(newRequestId),
    bodyLimit: largestBody(settings),
    requestTimeout: REQUEST_TIMEOUT_MS,
    // registerClosing refuses requests during a stop in our own form.
    return503OnClosing: false,
    // Longer than any path that Node takes: an id that is too long does not exist.
    routerOptions: { maxParamLength: MAX_HEADER_BYTES },
    rewriteUrl: rewriteUndecodable,
    clientErrorHandler: clientErrorHandler(newRequestId),
    frameworkErrors: sendError,
    http: {
      headersTimeout: HEADERS_TIMEOUT_MS,
      connectionsCheckingInterval: TIMEOUT_CHECK_MS,
      // registerRequestRules refuses a request without one in our own form.
      requireHostHeader: false,
      // Only there: a client that offers another protocol elsewhere (h2c) gets a normal answer (RFC 9110 §7.8). Node
      // does not close connections that it upgrades, and another method would not reach the route that does.
      shouldUpgradeCallback: ({ method, url = '' }) =>
        method === 'GET' && pathOf({ url }) === `${PREFIX}${WEBSOCKET_PATH}`,
    },
  }).withTypeProvider<TypeBoxTypeProvider>();
}

/** What accepting messages needs, whichever way they were asked for. */
function acceptorDeps(app: App, deps: ApiDeps, quota: SendQuota): AcceptorDeps {
  const chargeGroup = (senderId: string, members: number) =>
    chargeForGroup(app.userRequests, deps, senderId, members);
  return { ...deps, quota, chargeGroup };
}

/** The whole API, from its parts; see each part for what it does. */
export async function buildApp(given: AppDeps): Promise<App> {
  const deps: ApiDeps = { ...given, db: apiDatabase(given.db, given.clock) };
  const { settings } = deps;
  const newRequestId = requestIds(deps.random);
  const app = createServer(deps, newRequestId);
  app.setValidatorCompiler(compileValidator);
  registerJsonBody(app);
  const addresses = new ClientAddresses(settings.TRUST_PROXY);
  const budgets = new Budgets(deps);
  app.decorate('budgets', budgets);
  registerConnections(app, { clock: deps.clock, addresses, budget: budgets.connections, newRequestId });
  registerClientAddress(app, (request) => addresses.clientOf(request));
  registerAccessLog(app, deps.telemetry, userIdOf);
  app.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id);
    done();
  });
  registerSecurityHeaders(app);
  registerClosing(app);
  registerLastWord(app);
  const enforcer = new PolicyEnforcer(deps);
  app.addHook('onClose', () => enforcer.close());
  const feed = new Feed(deps.db, deps.log);
  // Before the server waits for unfinished answers: this ends every wait for an event.
  app.addHook('preClose', () => feed.close());
  const quota = new SendQuota(deps);
  app.addHook('onClose', () => quota.close());
  const keyCache = new KeyCache(deps);
  app.addHook('onClose', () => keyCache.close());
  const browserSessions = new BrowserSessions(deps, PREFIX);
  app.addHook('onClose', () => browserSessions.close());
  registerIdentify(app, keyCache, browserSessions, new FailedLogins(deps));
  await registerRateLimit(app, deps, userIdOf, isOfBrowser);
  const ofAcceptors = acceptorDeps(app, deps, quota);
  const sendMessage = messageSender(ofAcceptors, enforcer);
  const limits = limitsOf(deps, quota, app);
  registerErrorHandler(app);
  app.addHook('onError', (_request, _reply, error, done) => {
    deps.telemetry.requestFailed(error);
    done();
  });
  registerRequestRules(app, newRequestId);
  registerUnknownRoute(app);
  registerScopes(app, PREFIX);
  registerStepUp(app, deps.clock);
  const { requestBytes, responseBytes } = budgets;
  registerTransfers(app, { requestBytes, responseBytes, addresses, stalledMs: STALLED_MS, userIdOf });
  registerTurns(app, deps.clock, userIdOf);
  await registerReference(app, PREFIX);
  const hasConsole = await registerConsole(app, settings);
  registerIndexPage(app, PREFIX, hasConsole ? { console: '/console' } : {});
  registerSkill(app, deps);
  registerHealth(app, deps);
  const decideReview = reviewDecider(ofAcceptors, enforcer);
  await registerFeatures(
    app,
    { ...ofAcceptors, feed, keyCache, sendMessage, enforcer, decideReview },
    limits,
  );
  registerListeners(app);
  return app;
}

/** What features share. */
type FeatureDeps = McpDeps & Judges & AcceptorDeps & { decideReview: DecideReview };

/** Everything that a user's key is for. */
async function registerFeatures(app: App, deps: FeatureDeps, limits: Limits): Promise<void> {
  await app.register(
    (api: App, _options, done) => {
      registerAuth(api, deps);
      registerKeys(api, deps);
      registerSessions(api, deps, deps.keyCache);
      registerBrowserLogin(api, deps);
      registerLimits(api, limits);
      registerExport(api, deps, deps.keyCache);
      registerAgents(api, deps);
      registerChecks(api, deps);
      registerFriends(api, deps);
      registerGroups(api, deps);
      registerPolicies(api, deps);
      registerTrials(api, deps);
      registerMessages(api, deps, deps.sendMessage, deps.feed);
      registerConversations(api, deps);
      registerPlugin(api, deps, deps);
      registerReviewDecisions(api, deps, deps.decideReview);
      registerDeliveries(api, deps);
      registerInbox(api, deps, deps.feed, deps.keyCache);
      done();
    },
    { prefix: PREFIX },
  );
  await app.register(
    (api: App, _options, done) => {
      registerLive(api, deps, deps.feed, deps.keyCache).then(() => done(), done);
    },
    { prefix: PREFIX },
  );
  await app.register(
    (admin: App, _options, done) => {
      registerAdmin(admin, deps, limits);
      done();
    },
    { prefix: `${PREFIX}/admin` },
  );
  registerMcp(app, deps);
  registerA2a(app, deps);
}
