import type { User } from '@mahilo/shared/accounts/users';
import type { ApiDeps } from '../deps.ts';
import { findGroup } from '../groups/groups.ts';
import { distinctPatterns } from './content.ts';
import { evaluate, type Policy } from './evaluate.ts';
import { PatternTester } from './pattern-tester.ts';
import { policiesToGroup, policiesToUser } from './policies.ts';
import { parseRules } from './rules.ts';

/** With this type only the recipient can read the text. */
const CIPHERTEXT = 'application/mahilo+ciphertext';

/** What a policy reads of a message. */
interface Outgoing {
  recipient: string;
  recipient_type?: 'user' | 'group';
  message: string;
  context?: string;
  payload_type?: string;
  encryption?: object;
}

/** Applies the sender's policies to messages before they are accepted; only in trusted mode. */
export class PolicyEnforcer {
  readonly #deps: Pick<ApiDeps, 'db' | 'settings'>;
  readonly #tester: PatternTester;

  constructor(deps: Pick<ApiDeps, 'db' | 'settings' | 'clock' | 'telemetry'>) {
    this.#deps = deps;
    this.#tester = new PatternTester(deps);
  }

  /**
   * Why a policy forbids the message, if one does.
   * @throws MahiloError as {@link PatternTester.test} does.
   */
  async violation(sender: User, outgoing: Outgoing): Promise<string | undefined> {
    if (!this.#deps.settings.TRUSTED_MODE || isCiphertext(outgoing)) return undefined;
    const policies = await this.#policiesFor(sender, outgoing);
    if (policies.length === 0) return undefined;
    const patterns = distinctPatterns(policies);
    const question = { patterns, text: outgoing.message };
    return evaluate(policies, {
      message: outgoing.message,
      context: outgoing.context,
      recipientNames: await this.#namesOf(outgoing),
      matched: patterns.length > 0 ? await this.#tester.test(sender.id, question) : new Set(),
    });
  }

  close(): Promise<void> {
    return this.#tester.close();
  }

  async #policiesFor(sender: User, outgoing: Outgoing): Promise<Policy[]> {
    const { kysely } = this.#deps.db;
    const rows =
      outgoing.recipient_type === 'group'
        ? await policiesToGroup(kysely, sender.id, outgoing.recipient)
        : await policiesToUser(kysely, sender.id, sender.id, outgoing.recipient.toLowerCase());
    return rows.flatMap(({ content, ...policy }) => {
      const parsed = parseRules(content);
      return 'rules' in parsed ? [{ ...policy, rules: parsed.rules }] : [];
    });
  }

  /** A user's name is the username; a group's are its id and its name. */
  async #namesOf({ recipient, recipient_type }: Outgoing): Promise<string[]> {
    const group = recipient_type === 'group' ? await findGroup(this.#deps.db.kysely, recipient) : undefined;
    return [recipient, ...(group ? [group.name] : [])].map((name) => name.toLowerCase());
  }
}

function isCiphertext({ encryption, payload_type }: Outgoing): boolean {
  return encryption !== undefined || payload_type?.toLowerCase() === CIPHERTEXT;
}
