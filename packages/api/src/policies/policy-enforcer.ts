import type { User } from '@mahilo/shared/accounts/users';
import { isCiphertext } from '@mahilo/shared/messages/ciphertext';
import type { ApiDeps } from '../deps.ts';
import { distinctPatterns } from './content.ts';
import { namesOf, type Outgoing, policiesInForce } from './in-force.ts';
import { type Judgement, judge } from './judge.ts';
import { PatternTester } from './pattern-tester.ts';

/** Applies the sender's policies to messages before they are accepted; only in trusted mode. */
export class PolicyEnforcer {
  readonly #deps: Pick<ApiDeps, 'db' | 'settings' | 'clock'>;
  readonly #tester: PatternTester;

  constructor(deps: Pick<ApiDeps, 'db' | 'settings' | 'clock' | 'telemetry'>) {
    this.#deps = deps;
    this.#tester = new PatternTester(deps);
  }

  /**
   * What the policies say about a message; undefined where the registry does not judge.
   * @throws MahiloError as {@link PatternTester.test} does.
   */
  async judge(sender: User, outgoing: Outgoing): Promise<Judgement | undefined> {
    if (!this.#deps.settings.TRUSTED_MODE || isCiphertext(outgoing)) return undefined;
    const policies = await policiesInForce(this.#deps, sender, outgoing);
    const patterns = distinctPatterns(policies);
    const question = { patterns, text: outgoing.message };
    return judge(policies, {
      message: outgoing.message,
      context: outgoing.context,
      recipientNames: policies.length > 0 ? await namesOf(this.#deps.db.kysely, outgoing) : [],
      matched: patterns.length > 0 ? await this.#tester.test(sender.id, question) : new Set(),
    });
  }

  close(): Promise<void> {
    return this.#tester.close();
  }
}
