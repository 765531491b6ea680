import { Mahilo, MahiloError } from '@mahilo/client';
import { keyFile, type Login } from './login-file.ts';

export const MAILBOX = { framework: 'cli', label: 'mailbox', mode: 'polling' } as const;

/** What became of connecting: `elsewhere` are the keys when another computer has them, `scope` is missing for all of it. */
export interface Mailbox {
  connectionId: string | undefined;
  lacks?: 'elsewhere' | 'scope';
}

/** Connects the agent that takes a person's mail until this command fetches it, with the keys of this computer. */
export async function connectMailbox(
  login: Login,
  { retries, newKeys = false }: { retries: number; newKeys?: boolean },
): Promise<Mailbox> {
  const { url, key } = login;
  try {
    const mahilo = new Mahilo({ url, key, retries, keys: keyFile(login) });
    return { connectionId: (await mahilo.connect({ ...MAILBOX, newKeys })).connection_id };
  } catch (error) {
    const code = error instanceof MahiloError ? error.code : undefined;
    if (code === 'INSUFFICIENT_SCOPE') return { connectionId: undefined, lacks: 'scope' };
    if (code !== 'KEYS_ELSEWHERE') throw error;
    const { connection_id: connectionId } = await new Mahilo({ url, key, retries }).connect(MAILBOX);
    return { connectionId, lacks: 'elsewhere' };
  }
}
