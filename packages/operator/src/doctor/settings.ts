import { ConfigError, nearlySettings, processEnvironment } from '@mahilo/shared/config/load';
import type { Settings } from '@mahilo/shared/config/settings';
import { errorText } from '@mahilo/shared/errors';
import { settings as loadOperatorSettings } from '../context.ts';
import { type Finding, findingsOf } from './finding.ts';
import { examineTrustProxy } from './proxy.ts';

const { ok, note, problem } = findingsOf('settings');
const ADVICE = 'The processes do not start with it (exit code 78). docs/settings.md has all settings.';

/** The settings, if they are right, and what is wrong with them. */
export function examineSettings(): { settings: Settings | undefined; findings: Finding[] } {
  let settings: Settings;
  try {
    settings = loadOperatorSettings();
  } catch (error) {
    const mistakes = error instanceof ConfigError ? error.mistakes : [errorText(error)];
    return { settings: undefined, findings: mistakes.map((mistake) => problem(mistake, adviceFor(mistake))) };
  }
  const misses = nearlySettings().map((miss) => note(miss, 'docs/settings.md has all settings.'));
  const found = [...misses, ...remarks(settings), ...examineTrustProxy(settings)];
  return { settings, findings: [ok('All of them are right.'), ...found] };
}

/** The program that started the process passes the secret, so the advice depends on it. */
function adviceFor(mistake: string): string {
  if (!/^SECRET_KEY\w*_FILE names a file/.test(mistake)) return ADVICE;
  if (processEnvironment()['CREDENTIALS_DIRECTORY'] !== undefined) {
    return 'systemd hands it over: /etc/mahilo/secret_key must be there, for root alone, and mahilo-.service.d/common.conf be installed (LoadCredential). `systemctl daemon-reload`, then start the unit again.';
  }
  return 'It must be readable for the user of the process. With compose: chmod 444 secrets/secret_key, in a directory that only you enter.';
}

function remarks(settings: Settings): Finding[] {
  const findings: Finding[] = [];
  if (settings.NODE_ENV !== 'production') {
    findings.push(
      note(
        `NODE_ENV is ${settings.NODE_ENV}: callbacks may be plain http and go to this host.`,
        'Set NODE_ENV=production for production.',
      ),
    );
  } else if (settings.ALLOW_PRIVATE_IPS) {
    findings.push(
      note(
        'ALLOW_PRIVATE_IPS is true: users can make the registry call whatever is on your network.',
        'Right for a registry that only you use. Else name the networks of the agents in EGRESS_ALLOW.',
      ),
    );
  }
  if (settings.NODE_ENV === 'production' && settings.REGISTRATION === 'open') {
    findings.push(
      note(
        'REGISTRATION is open: everybody who reaches the API can make users.',
        'Right inside a network of your own. Else set REGISTRATION=invite, and invite people with `invites create`.',
      ),
    );
  }
  if (settings.NODE_ENV === 'production' && settings.PUBLIC_URL === undefined) {
    findings.push(
      note(
        'PUBLIC_URL is not set: there is no page at /skill.md from which agents learn to join.',
        'Set it to where people and agents reach the registry, such as https://registry.example.',
      ),
    );
  }
  if (settings.SECRET_KEY_PREVIOUS !== undefined) {
    findings.push(
      note('SECRET_KEY is being changed.', '`secret status` tells when SECRET_KEY_PREVIOUS can go.'),
    );
  }
  return findings;
}
