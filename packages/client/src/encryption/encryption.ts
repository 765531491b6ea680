import type { Connection } from '../connection.ts';
import { items } from '../pages.ts';
import type { SendOptions, Sent } from '../send.ts';
import { type Acquaintance, type VerifyOptions, verifyKeys } from './acquaintances.ts';
import { Directory, publicKeysOf } from './directory.ts';
import { idOf, openMessage } from './incoming.ts';
import { Keys, MAX_FORMER, type OwnKeys } from './key-ring.ts';
import type { KeyStore } from './key-store.ts';
import type { Openable, Opened } from './opening.ts';
import { type Encrypted, sendEncrypted, type Tools } from './outgoing.ts';
import { newKeyPair } from './seal.ts';
import { unopened } from './unopened.ts';

/** The agent as a registration names it. */
interface Named {
  framework: string;
  label: string;
}

interface PublicJwk {
  kty: 'OKP';
  crv: string;
  x: string;
  use: 'enc' | 'sig';
  kid: string;
}

/** End-to-end encryption of one person at one registry: nothing else of the client loads what it needs. */
export class Encryption {
  readonly #tools: Tools;
  readonly #connection: Connection;

  constructor(connection: Connection, store: KeyStore) {
    let username: Promise<string> | undefined;
    const me = () => {
      username ??= usernameAt(connection);
      username.catch(() => {
        username = undefined;
      });
      return username;
    };
    this.#connection = connection;
    this.#tools = { connection, keys: new Keys(store), directory: new Directory(connection), me };
  }

  /**
   * The public keys that an agent is to be registered with: those that are kept, or new ones.
   * @param isRenewed makes new ones in any case.
   * @throws MahiloError KEYS_ELSEWHERE when the registry has others: who holds them could read nothing any more.
   */
  async keysFor(agent: Named, isRenewed: boolean): Promise<{ keys: PublicJwk[] }> {
    const name = nameOf(agent);
    const own = await this.#tools.keys.use((ring) => ring.own.find((keys) => keys.agent === name));
    if (!isRenewed) await this.#assertNoOthers(agent, own);
    if (own !== undefined && !isRenewed) return publicOf(own);
    const [encrypt, sign] = await Promise.all([newKeyPair('X25519'), newKeyPair('Ed25519')]);
    const kept = await this.#tools.keys.use((ring) => {
      const before = ring.own.find((keys) => keys.agent === name);
      // Another process was faster.
      if (before !== undefined && !isRenewed) return before;
      const former = before === undefined ? [] : [before.encrypt, ...before.former].slice(0, MAX_FORMER);
      const made = { ...before, agent: name, encrypt, sign, former };
      if (before === undefined) ring.own.push(made);
      else ring.own.splice(ring.own.indexOf(before), 1, made);
      return made;
    });
    return publicOf(kept);
  }

  async #assertNoOthers({ framework, label }: Named, own: OwnKeys | undefined): Promise<void> {
    for await (const item of items(this.#connection, '/agents', undefined)) {
      const agent = item as Named & { public_keys?: unknown };
      if (agent.framework !== framework || agent.label !== label) continue;
      const { x25519, ed25519 } = publicKeysOf(agent.public_keys);
      const isNone = x25519 === undefined && ed25519 === undefined;
      const isOwn = own !== undefined && x25519 === own.encrypt.x && ed25519 === own.sign.x;
      // New keys were made, and the registry has not had them yet.
      const isFormer = own?.former.some(({ x }) => x === x25519) ?? false;
      if (isNone || isOwn || isFormer) return;
      const sentence = `The agent ${label} has keys that are not here. Bring them, or make new ones: its friends will be told of a change.`;
      throw unopened('KEYS_ELSEWHERE', sentence);
    }
  }

  /** The agent has its keys at the registry. */
  connected(agent: Named, connectionId: string): Promise<void> {
    const name = nameOf(agent);
    return this.#tools.keys.use((ring) => {
      for (const keys of ring.own) if (keys.agent === name) keys.connectionId = connectionId;
    });
  }

  send(options: SendOptions): Promise<Sent & Encrypted> {
    return sendEncrypted(this.#tools, options);
  }

  open<Message extends Openable>(message: Message): Promise<Opened<Message>> {
    return openMessage(this.#tools, message);
  }

  /** Messages were dealt with: when they come again they are repetitions. */
  done(messages: readonly Pick<Openable, 'message_id' | 'id'>[]): Promise<void> {
    return this.#tools.keys.use(({ journal }) => {
      for (const message of messages) journal.markDone(idOf(message));
    });
  }

  verify(who: string, options: VerifyOptions): Promise<Acquaintance[]> {
    return verifyKeys(this.#tools, who, options);
  }

  /** Who signed a message that was opened, whatever the registry says by now. */
  async senderOf(
    messageId: string,
  ): Promise<{ username: string; connectionId: string; group: string | undefined } | undefined> {
    return this.#tools.keys.use(({ journal, people }) => {
      const sender = journal.senderOf(messageId);
      if (sender === undefined) return undefined;
      for (const [username, pins] of people)
        if (pins.has(sender.from)) return { username, connectionId: sender.from, group: sender.group };
      return undefined;
    });
  }
}

const nameOf = ({ framework, label }: Named): string => `${framework}/${label}`;

function publicOf({ encrypt, sign }: OwnKeys): { keys: PublicJwk[] } {
  return {
    keys: [
      { kty: 'OKP', crv: encrypt.crv, x: encrypt.x, use: 'enc', kid: encrypt.kid },
      { kty: 'OKP', crv: sign.crv, x: sign.x, use: 'sig', kid: sign.kid },
    ],
  };
}

async function usernameAt(connection: Connection): Promise<string> {
  const { json } = await connection.call({ method: 'GET', path: '/auth/me', isRepeatable: true });
  return (json as { username: string }).username;
}
