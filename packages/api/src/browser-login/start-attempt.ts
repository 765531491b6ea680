import { mintToken, tokenHash } from '@mahilo/shared/accounts/session-token';
import { findUser } from '@mahilo/shared/accounts/users';
import { SIGN_INS } from '@mahilo/shared/bounds/bounds';
import { MahiloError } from '@mahilo/shared/errors';
import { customRandom } from 'nanoid';
import { usernameOf } from '../auth/username.ts';
import { assertFits } from '../bounds/quota.ts';
import type { ApiDeps } from '../deps.ts';
import type { Client } from '../http/client-address.ts';
import { WindowCounters } from '../http/window-counters.ts';
import { type AttemptRow, attemptsOfName, insertAttempt } from './attempt-rows.ts';
import { statusOf } from './attempt-state.ts';

/** How long (ms) a code can be approved, and then used. */
const ATTEMPT_MS = 600_000;
/** Without those that people mistake for each other. */
const CODE_ALPHABET = '23456789ABCDEFGHJKLMNPQRSTUVWXYZ';
const CODE_LENGTH = 6;
/** Attempts that this process begins in ten minutes, whoever asks: each is a row. */
const MOST_IN_ALL = 10_000;
/** Of them, those from one IPv6 /48, or one IPv4 address. */
const MOST_OF_SITE = MOST_IN_ALL / 4;
const RETRY_AFTER_S = 60;

/** Begins sign-ins that wait for an agent's approval. */
export class StartAttempt {
  readonly #deps: ApiDeps;
  readonly #inAll: WindowCounters;
  readonly #ofSites: WindowCounters;

  constructor(deps: ApiDeps) {
    this.#deps = deps;
    this.#inAll = new WindowCounters(deps.clock, ATTEMPT_MS, 1);
    this.#ofSites = new WindowCounters(deps.clock, ATTEMPT_MS, MOST_IN_ALL);
  }

  /**
   * Begins one for a username. Whether anybody has that name makes no difference.
   * @returns the attempt, and what the browser must show to go on with it.
   * @throws MahiloError INVALID_USERNAME, QUOTA_EXCEEDED, UNAVAILABLE
   */
  async begin(
    typed: string,
    client: Client,
    browser: string,
  ): Promise<{ attempt: AttemptRow; token: string }> {
    const username = usernameOf(typed);
    const { db, clock, random, newId } = this.#deps;
    this.#assertRoomFor(client);
    const now = clock.now();
    const token = mintToken(random);
    const attempt = await db.write('registry', async (trx) => {
      const user = await findUser(trx, username);
      const waiting = this.#waitingOf(await attemptsOfName(trx, username, now), client, now);
      const row = {
        id: newId('lgn'),
        token_hash: tokenHash(token),
        username,
        user_id: user?.id ?? null,
        network: client.network,
        code: this.#newCode(waiting),
        browser,
        created_at: now,
        expires_at: now + ATTEMPT_MS,
        approved_at: null,
        approved_by_key: null,
        denied_at: null,
        redeemed_at: null,
      };
      await insertAttempt(trx, row);
      return row;
    });
    // What was refused takes no room: else who is refused often shuts everybody out.
    this.#inAll.add('');
    this.#ofSites.add(siteOf(client));
    return { attempt, token };
  }

  #assertRoomFor(client: Client): void {
    const isOver = !client.isOwn && this.#ofSites.read(siteOf(client)).count >= MOST_OF_SITE;
    if (!isOver && this.#inAll.read('').count < MOST_IN_ALL) return;
    const retryAfterSeconds = RETRY_AFTER_S;
    throw new MahiloError('UNAVAILABLE', 'Too many people sign in; try again soon.', { retryAfterSeconds });
  }

  /** Codes in use, if there is room for one more. */
  #waitingOf(attempts: readonly AttemptRow[], client: Client, now: number): ReadonlySet<string> {
    const waiting = attempts.filter((attempt) => ['pending', 'approved'].includes(statusOf(attempt, now)));
    const fromHere = waiting.filter(({ network }) => network === client.network).length;
    const fromSite = waiting.filter(({ network }) => isWithin(network, client.site)).length;
    // Many people may stand behind an address of one's own network. Of those who do not, none can shut a person out alone.
    const isOver = !client.isOwn && (fromHere >= SIGN_INS.perAddress || fromSite >= SIGN_INS.perSite);
    const used = isOver ? SIGN_INS.perName : waiting.length;
    assertFits(this.#deps, 'sign_ins_per_name', used, 1, RETRY_AFTER_S);
    return new Set(waiting.map(({ code }) => code));
  }

  /** One that names no other attempt of the same person. */
  #newCode(inUse: ReadonlySet<string>): string {
    const { random } = this.#deps;
    const mint = customRandom(CODE_ALPHABET, CODE_LENGTH, (size) => random.bytes(size));
    for (;;) {
      const code = mint();
      if (!inUse.has(code)) return code;
    }
  }
}

function siteOf({ site, network }: Client): string {
  return site ?? network;
}

/** Both are written as the hexadecimal digits of their prefix, and its length. */
function isWithin(network: string, site: string | undefined): boolean {
  return site !== undefined && network.startsWith(site.slice(0, site.indexOf('/')));
}
