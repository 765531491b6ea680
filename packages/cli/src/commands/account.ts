import { Mahilo, MahiloError } from '@mahilo/client';
import type { Command } from 'commander';
import { addCommand, outputOf } from '../command.ts';
import { CommandError, notLoggedIn } from '../exit.ts';
import { secretFrom } from '../input.ts';
import { keyFile, type Login, LoginPlace, loginFile, readLogin } from '../login-file.ts';
import { connectMailbox } from '../mailbox.ts';
import type { Output } from '../output.ts';
import { openSession, RETRIES, validKey, validUrl } from '../session.ts';
import { visible } from '../visible.ts';

/** `login`, `register`, `whoami` and `approve`. */
export function addAccountCommands(program: Command): void {
  addCommand(
    program,
    'login [url]',
    'log in with your API key, which it asks for or reads from stdin',
    'mahilo login https://mahilo.example',
  )
    .option('--new-keys', 'new keys for encryption, in place of some that are lost')
    .action(async (url: string | undefined, { newKeys }: { newKeys?: boolean }, command: Command) => {
      await logIn(outputOf(command), urlFrom(url), newKeys ?? false);
    });

  addCommand(
    program,
    'register <username> [url]',
    'become a new user, and be logged in',
    'mahilo register ann https://mahilo.example',
  )
    .option('--name <name>', 'what others see beside the username')
    .option('--invite', 'ask for an invite token, or read it from stdin')
    .action(
      async (
        username: string,
        url: string | undefined,
        { name, invite }: { name?: string; invite?: boolean },
        command: Command,
      ) => {
        const inviteToken = invite ? await secretFrom('Invite token') : undefined;
        await register(outputOf(command), { url: urlFrom(url), username, displayName: name, inviteToken });
      },
    );

  addCommand(program, 'whoami', 'who you are, and where', 'mahilo whoami').action(
    async (_options, command: Command) => {
      const { mahilo, url } = openSession();
      const me = await mahilo.me();
      await outputOf(command).data({ ...me, url }, visible(`${me.username} at ${url}`));
    },
  );

  addCommand(
    program,
    'approve <code>',
    'let the browser in that shows this code, or keep it out with --deny',
    'mahilo approve K7Q-2MX',
  )
    .option('--deny', 'it is not yours: keep it out')
    .action(async (code: string, { deny }: { deny?: boolean }, command: Command) => {
      const { mahilo } = openSession();
      const body = { approval_code: code };
      const attempt = deny
        ? await mahilo.request('POST', '/auth/browser-login/deny', { body })
        : await mahilo.request('POST', '/auth/browser-login/approve', { body });
      const words = deny ? 'is kept out' : 'is let in';
      await outputOf(command).data(attempt, visible(`${attempt.browser} ${words}.`));
    });
}

/** The registry of a new login. @throws CommandError */
function urlFrom(given: string | undefined): string {
  const url = given ?? process.env['MAHILO_URL'] ?? loginBefore()?.url;
  if (url === undefined || url === '')
    throw notLoggedIn('Which registry? Write its URL behind the command, or set MAHILO_URL.');
  return validUrl(url);
}

/** One that cannot be read is no reason not to write a new one. */
function loginBefore(): Login | undefined {
  try {
    return readLogin();
  } catch (error) {
    if (error instanceof CommandError) return undefined;
    throw error;
  }
}

async function logIn(output: Output, url: string, newKeys: boolean): Promise<void> {
  warnOfClearText(output, url);
  using place = new LoginPlace();
  const before = loginBefore();
  const known = before?.url === url ? before.key : undefined;
  const question = known === undefined ? 'API key' : 'API key (empty: the one that is kept)';
  const key = validKey(await secretFrom(question, known));
  const { username } = await new Mahilo({ url, key, retries: RETRIES }).me();
  // Until the mailbox answers it is the one before.
  const connectionId = known !== undefined && before?.username === username ? before.connectionId : undefined;
  keep(output, place, { url, key, username, connectionId });
  await goOn(output, { url, key, username }, newKeys);
}

async function register(output: Output, options: Parameters<typeof Mahilo.register>[0] & { url: string }) {
  const { url } = options;
  warnOfClearText(output, url);
  const begun = await begunBefore(url, options.username);
  if (begun !== undefined) return goOn(output, begun);
  using place = new LoginPlace();
  const { username, api_key: key } = await Mahilo.register({ ...options, retries: RETRIES });
  // First of all the key, which is shown this once.
  try {
    keep(output, place, { url, key, username });
  } catch (error) {
    output.say(`Keep your API key, since nobody can show it again: ${key}`);
    throw error;
  }
  await goOn(output, { url, key, username });
}

/** The login of somebody who has registered, and got no mailbox then. @throws MahiloError */
async function begunBefore(url: string, username: string): Promise<Login | undefined> {
  const before = loginBefore();
  const isBegun =
    before?.url === url && before.username === username.toLowerCase() && before.connectionId === undefined;
  if (!isBegun) return undefined;
  try {
    await new Mahilo({ url, key: before.key, retries: RETRIES }).me();
    return before;
  } catch (error) {
    // Of a registry that begins anew, perhaps.
    if (error instanceof MahiloError && error.code === 'UNAUTHORIZED') return undefined;
    throw error;
  }
}

/** What comes after the key is kept. @throws MahiloError */
async function goOn(output: Output, { url, key, username }: Login, newKeys = false): Promise<void> {
  const connectionId = await mailboxOf(output, { url, key, username }, newKeys);
  using place = new LoginPlace();
  place.keep({ url, key, username, connectionId });
  await output.data({ url, username, connection_id: connectionId }, visible(username));
}

/** The agent that takes your mail. @returns undefined when the key may not make one. @throws MahiloError */
async function mailboxOf(output: Output, login: Login, newKeys: boolean): Promise<string | undefined> {
  try {
    const { connectionId, lacks } = await connectMailbox(login, { retries: RETRIES, newKeys });
    if (lacks === 'elsewhere') output.say(`${ELSEWHERE}\n  ${visible(keyFile(login))}`);
    if (lacks === 'scope') output.say('This key may not make a mailbox: you see what it covers.');
    return connectionId;
  } catch (error) {
    output.say('You have no mailbox yet. `mahilo login` makes it: leave the key empty.');
    throw error;
  }
}

const ELSEWHERE =
  'The keys of your mailbox are on another computer: what is encrypted cannot be read here. Copy this file from there, or make new keys with `mahilo login --new-keys`, which your friends will have to accept:';

function keep(output: Output, place: LoginPlace, login: Login): void {
  const before = loginBefore();
  if (before !== undefined && (before.url !== login.url || before.username !== login.username))
    output.say(visible(`This replaces the login of ${before.username} at ${before.url}.`));
  place.keep(login);
  output.say(
    visible(`You are logged in as ${login.username} at ${login.url}. The key is in ${loginFile()}.`),
  );
}

function warnOfClearText(output: Output, url: string): void {
  const { protocol, hostname } = new URL(url);
  if (protocol === 'http:' && !/^(?:localhost|127\.[\d.]+|\[::1\])$/.test(hostname))
    output.say('Your key and your messages go there in clear text: the URL begins with http://.');
}
