import { type AuditActor, consoleActor } from '@mahilo/shared/audit/append';
import type { Settings } from '@mahilo/shared/config/settings';
import { MahiloError } from '@mahilo/shared/errors';
import { isInside, type Network, parseAddress, parseCidrList } from '@mahilo/shared/networks';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Caller } from '../access/caller.ts';
import { refusalOf, userOf } from '../auth/authenticate.ts';

/**
 * Route hook: lets only operators in, who have a grant and came with a link for operators. An API key is never enough,
 * whoever owns it; nor is any other session of an operator. `ADMIN_NETWORKS` narrows it to requests from there.
 */
export function operatorsOnly({ ADMIN_NETWORKS }: Pick<Settings, 'ADMIN_NETWORKS'>) {
  const networks = ADMIN_NETWORKS === undefined ? undefined : parseCidrList('ADMIN_NETWORKS', ADMIN_NETWORKS);
  return (
    request: FastifyRequest,
    reply: FastifyReply,
    _payload: unknown,
    done: (error: Error | null) => void,
  ): void => {
    reply.header('cache-control', 'no-store');
    done(whyNot(request, networks));
  };
}

function whyNot(request: FastifyRequest, networks: readonly Network[] | undefined): Error | null {
  if (request.user === null) return refusalOf(request);
  if (!request.user.session?.isOperator) {
    return new MahiloError(
      'FORBIDDEN',
      'This is for operators, who sign in with a link that `npm run admin -- users operator-link` gives.',
    );
  }
  const address = parseAddress(request.client.address);
  if (networks === undefined || (address !== undefined && isInside(address, networks))) return null;
  return new MahiloError('FORBIDDEN', 'Operators come from the networks in ADMIN_NETWORKS alone.');
}

/** The operator of a request, and how the audit trail names them. */
export function operatorOf(request: FastifyRequest): { caller: Caller; actor: AuditActor } {
  const caller = userOf(request);
  return { caller, actor: consoleActor(caller.username) };
}
