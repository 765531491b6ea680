import { type EgressPolicy, type EgressSettings, egressPolicy } from '../../src/egress/policy.ts';

/** A policy as the settings make it: production with nothing allowed, unless told otherwise. */
export function policyWith(settings: Partial<EgressSettings> = {}): EgressPolicy {
  return egressPolicy({ NODE_ENV: 'production', PORT: 8080, ALLOW_PRIVATE_IPS: false, ...settings });
}
