import {
  type AccountSource,
  giveNewKey,
  type RegisteredUser,
  registerUser,
} from '@mahilo/shared/accounts/register-user';
import { normalizeUsername } from '@mahilo/shared/accounts/users';
import { isoTime, systemClock } from '@mahilo/shared/clock';
import type { Database } from '@mahilo/shared/db/database';
import { idSource } from '@mahilo/shared/ids';
import { systemRandom } from '@mahilo/shared/random';
import { disableUser, enableUser } from './accounts/disable-user.ts';
import { type ListedUser, listUsers } from './accounts/list-users.ts';
import { listBySize, removeNamed, showUser, userNamed } from './accounts/look-up.ts';
import { changeOperator, giveSignInLink } from './accounts/sign-in-link.ts';
import type { Command } from './command.ts';
import { exitWithMistake, optionsOrExit } from './command-line.ts';
import { databaseUrl, wholeNumber, withDatabase, withKeyedDatabase } from './context.ts';
import { auditOperator, operatorActor } from './operator-audit.ts';
import { answer, table } from './output.ts';

const DISPLAY_NAME_MAX = 100;

const HELP = `The users of the registry: npm run admin -- users <action> [option…]

  list              By name: when they registered, how many agents they have, whether they are disabled.
    --limit N         At most N of them (50).
    --after NAME      Only names after this one, for the next page.
    --disabled        Only disabled ones.
    --by-size         Those who have stored most first, instead of by name.
  show NAME         One of them: what they have, and how much of it.
  create NAME       Registers a user, and shows the API key, this once. Gives reserved names out, too.
    --display-name TEXT
  disable NAME      Shuts a user out at once: every API key is refused with 401, messages to them are answered with
                    USER_NOT_FOUND, and what waits for their agents stays where it is. What they sent still arrives.
  enable NAME       Lets them in again, with the key they had; what has waited goes out.
  remove NAME       Ends an account for good: keys, agents, friendships, memberships and policies go, what is owed to
                    them is cancelled. The name stays taken, and stands in the history of others.
    --yes             Is needed: it cannot be undone.
  reset-key NAME    Gives a new API key, shown this once. All that they had are dead at once, and
                    they are signed out at every browser.
  sign-in-link NAME Gives a link with which they sign in at a browser, once and within 15 minutes.
  grant-operator NAME     Lets them be the operator at a browser, beside being themselves.
  operator-link NAME      Gives a link with which an operator signs in as one, once and within 15 minutes; for 12 hours.
                          No API key and no other sign-in leads to what operators see.
  withdraw-operator NAME  Ends that, and signs them out as the operator at once.
  --json            Answers for machines.
  --help            Shows this.

create and reset-key need SECRET_KEY.`;

interface Options {
  json: boolean;
  limit: string;
  after?: string | undefined;
  disabled: boolean;
  'by-size': boolean;
  yes: boolean;
  'display-name'?: string | undefined;
}

type Action = (name: string, options: Options) => Promise<void>;

const ACTIONS: Readonly<Record<string, Action>> = {
  create,
  disable: (name, { json }) => changeUser(name, json, 'disabled'),
  enable: (name, { json }) => changeUser(name, json, 'enabled'),
  'reset-key': resetKey,
  'sign-in-link': (name, { json }) => giveSignInLink(name, 'person', json),
  'operator-link': (name, { json }) => giveSignInLink(name, 'operator', json),
  'grant-operator': (name, { json }) => changeOperator(name, 'granted', json),
  'withdraw-operator': (name, { json }) => changeOperator(name, 'withdrawn', json),
  show: (name, { json }) => showUser(name, json),
  remove: (name, { json, yes }) => removeNamed(name, yes, json),
};

export const command: Command = async (commandArguments) => {
  const { values, positionals } = optionsOrExit(HELP, {
    args: commandArguments,
    options: {
      json: { type: 'boolean', default: false },
      limit: { type: 'string', default: '50' },
      after: { type: 'string' },
      disabled: { type: 'boolean', default: false },
      'by-size': { type: 'boolean', default: false },
      yes: { type: 'boolean', default: false },
      'display-name': { type: 'string' },
    },
    allowPositionals: true,
  });
  const [action = '', name, ...others] = positionals;
  if (action === 'list' && name === undefined) {
    if (values['by-size']) await listBySize(wholeNumber('--limit', values.limit), values.json);
    else await list(values);
    return 0;
  }
  const act = Object.hasOwn(ACTIONS, action) ? ACTIONS[action] : undefined;
  if (act === undefined) exitWithMistake(`There is no action "${action}".`);
  if (name === undefined || others.length > 0) exitWithMistake(`${action} needs exactly one NAME.`);
  await act(name, values);
  return 0;
};

async function list({ json, limit, after, disabled }: Options): Promise<void> {
  const filter = {
    limit: wholeNumber('--limit', limit),
    after: after?.toLowerCase(),
    disabledOnly: disabled,
  };
  const users = await withDatabase(databaseUrl(), (db) => listUsers(db.kysely, filter));
  const times = (user: ListedUser) => ({
    ...user,
    created_at: isoTime(user.created_at),
    disabled_at: user.disabled_at === null ? null : isoTime(user.disabled_at),
    deleted_at: user.deleted_at === null ? null : isoTime(user.deleted_at),
    operator_since: user.operator_since === null ? null : isoTime(user.operator_since),
  });
  answer(json, users.map(times), () => {
    const rows = users
      .map(times)
      .map((user) => [
        user.username,
        user.display_name ?? '',
        user.created_at,
        user.agents,
        user.disabled_at === null ? '' : `since ${user.disabled_at}`,
      ]);
    const page = table(['Name', 'Display name', 'Registered', 'Agents', 'Disabled'], rows);
    const last = users.length === filter.limit ? users.at(-1) : undefined;
    return last === undefined ? page : `${page}\n\nThere may be more: --after ${last.username}`;
  });
}

async function create(name: string, options: Options): Promise<void> {
  const username = normalizeUsername(name);
  if (username === undefined) throw new Error('A name has 3–30 of A–Z a–z 0–9 _ -.');
  const display_name = options['display-name'] ?? null;
  if (display_name !== null && display_name.length > DISPLAY_NAME_MAX) {
    throw new Error(`A display name has at most ${DISPLAY_NAME_MAX} characters.`);
  }
  await withKeys(options.json, (db, source) =>
    db.write(async (trx) => {
      const registered = await registerUser(
        trx,
        source,
        { username, display_name },
        systemClock.now(),
        operatorActor(),
      );
      if (registered === undefined) throw new Error(`The username ${username} is taken.`);
      return registered;
    }),
  );
}

async function resetKey(name: string, options: Options): Promise<void> {
  await withKeys(options.json, async (db, source) => {
    const { id, username } = await userNamed(db, name);
    const now = systemClock.now();
    const api_key = await db.write(async (trx) => {
      await auditOperator(trx, 'key.reset', id, now, { username });
      return giveNewKey(trx, source, id, now);
    });
    return { user_id: id, username, api_key };
  });
}

/** Shows the API key that `act` gives a user. */
async function withKeys(
  asJson: boolean,
  act: (db: Database, source: AccountSource) => Promise<RegisteredUser>,
): Promise<void> {
  const user = await withKeyedDatabase((db, keys) =>
    act(db, { newId: idSource(systemClock, systemRandom), random: systemRandom, keys }),
  );
  answer(asJson, user, () => `The API key of ${user.username}, shown this once:\n\n${user.api_key}`);
}

async function changeUser(name: string, asJson: boolean, to: 'enabled' | 'disabled'): Promise<void> {
  const changed = await withDatabase(databaseUrl(), async (db) => {
    const user = await userNamed(db, name);
    const isDisabled = user.disabled_at !== null;
    if (isDisabled !== (to === 'disabled')) {
      const change = to === 'disabled' ? disableUser : enableUser;
      const now = systemClock.now();
      await db.write(async (trx) => {
        await change(trx, user.id, now);
        const action = to === 'disabled' ? 'user.disable' : 'user.enable';
        await auditOperator(trx, action, user.id, now, { username: user.username });
      });
    }
    return { user_id: user.id, username: user.username, status: to };
  });
  answer(asJson, changed, () => `${changed.username} is ${to}.`);
}
