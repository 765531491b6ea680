import { isIP } from 'node:net';
import type { Database } from '@mahilo/shared/db/database';
import { ExchangeError } from '@mahilo/shared/egress/failures';
import { createLookup } from '@mahilo/shared/egress/lookup';
import { egressPolicy } from '@mahilo/shared/egress/policy';
import { type Finding, findingsOf, type Patient } from './finding.ts';
import { newestCallbackUrls } from './health-queries.ts';

const { ok, note, problem } = findingsOf('dns');

const NEWEST_CONNECTIONS = 200;
const MAX_NAMES = 5;
/** For a registry without agents yet. */
const KNOWN_NAME = 'example.com';

/** Whether names resolve as workers resolve them: the hosts of the newest agents. */
export async function examineDns(
  db: Database | undefined,
  { settings, patience }: Patient,
): Promise<Finding[]> {
  if (settings === undefined) return [];
  const policy = egressPolicy(settings);
  if (policy.proxy !== undefined) return [ok('The proxy resolves the names (EGRESS_PROXY).')];
  const names = db === undefined ? [] : await hostNames(db);
  const lookup = createLookup(policy, patience.exchangeMs);
  try {
    const asked = names.length > 0 ? names : [KNOWN_NAME];
    const findings = await Promise.all(asked.map((name) => askFor(name, lookup.addresses)));
    const wrong = findings.flat();
    return wrong.length > 0 ? distinct(wrong) : [ok(`${asked.join(', ')}: found.`)];
  } finally {
    lookup.close();
  }
}

async function hostNames(db: Database): Promise<string[]> {
  const rows = await newestCallbackUrls(db.kysely, NEWEST_CONNECTIONS);
  const hosts = rows.map(({ callback_url }) => new URL(callback_url).hostname.replace(/^\[|\]$/g, ''));
  return [...new Set(hosts)].filter((host) => isIP(host) === 0).slice(0, MAX_NAMES);
}

async function askFor(name: string, addresses: (name: string) => Promise<unknown>): Promise<Finding[]> {
  try {
    await addresses(name);
    return [];
  } catch (error) {
    if (!(error instanceof ExchangeError)) throw error;
    const { fault, outcome } = error.failure;
    if (fault === 'registry') {
      return [
        problem(
          'No DNS server answers: callbacks to names wait.',
          'Look at /etc/resolv.conf, or name servers in DNS_SERVERS; a firewall must let port 53 through.',
        ),
      ];
    }
    if (outcome === 'refused_address') {
      return [
        note(
          `${name} leads to an address that callbacks may not reach: its deliveries fail for good.`,
          'If it is an agent on your own network: name that network in EGRESS_ALLOW, or set ALLOW_PRIVATE_IPS=true.',
        ),
      ];
    }
    return [
      name === KNOWN_NAME
        ? note(
            `${name} is not found, as a name of the internet would be.`,
            'Right for a registry whose agents are all on your own network. Else the name servers (/etc/resolv.conf, DNS_SERVERS) do not know the internet.',
          )
        : note(
            `${name} is not found.`,
            'Nothing to do here, if it is only this one: its owner has to mend it.',
          ),
    ];
  }
}

/** Reports the registry's own trouble once, however many names it affects. */
function distinct(findings: readonly Finding[]): Finding[] {
  return [...new Map(findings.map((finding) => [finding.finding, finding])).values()];
}
