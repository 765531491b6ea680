import type { Environment } from '@mahilo/shared/config/load';
import { type Settings, settingsSchema } from '@mahilo/shared/config/settings';

/** A setting, and what it is at the moment. */
export interface SettingInForce {
  name: string;
  description: string;
  /** As text; of a secret only whether it is set. */
  value: string | null;
  default: string | null;
  /** Whether somebody has given it. */
  isGiven: boolean;
  isSecret: boolean;
  unit: string | null;
}

interface Facts {
  description: string;
  default?: string | number | boolean;
  secret?: boolean;
  unit?: string;
}

/** Every setting with its value, and no secret: a proxy's URL is shown without its password, too. */
export function settingsInForce(settings: Settings, environment: Environment): SettingInForce[] {
  return Object.entries(settingsSchema.properties).map(([name, given]) => {
    const facts: Facts = given;
    const value = settings[name as keyof Settings];
    const isSecret = facts.secret === true;
    return {
      name,
      description: facts.description,
      value: value === undefined ? null : isSecret ? 'set' : withoutPassword(String(value)),
      default: facts.default === undefined ? null : String(facts.default),
      isGiven: (environment[name] ?? '') !== '' || (isSecret && (environment[`${name}_FILE`] ?? '') !== ''),
      isSecret,
      unit: facts.unit ?? null,
    };
  });
}

/** What could be a URL loses its user name and password, wherever they stand. A password may have an @. */
function withoutPassword(value: string): string {
  return value
    .replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/?#]*@/i, '$1…@')
    .replace(/([?&](?:user|password)=)[^&#]*/gi, '$1…');
}
