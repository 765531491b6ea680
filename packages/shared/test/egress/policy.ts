import { type EgressPolicy, type EgressSettings, egressPolicy } from '../../src/egress/policy.ts';

/** A policy from settings; by default production with nothing allowed. */
export function policyWith(settings: Partial<EgressSettings> = {}): EgressPolicy {
  return egressPolicy({ NODE_ENV: 'production', PORT: 8080, ALLOW_PRIVATE_IPS: false, ...settings });
}
