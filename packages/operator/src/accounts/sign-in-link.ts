import { mintToken } from '@mahilo/shared/accounts/session-token';
import { insertSignInLink, LINK_MS } from '@mahilo/shared/accounts/sign-in-links';
import { isoTime, systemClock } from '@mahilo/shared/clock';
import { systemRandom } from '@mahilo/shared/random';
import { databaseFile, registryOrigin, withDatabase } from '../context.ts';
import { auditOperator } from '../operator-audit.ts';
import { answer } from '../output.ts';
import { userNamed } from './look-up.ts';

/** Makes a link with which a user signs in at a browser, and prints it. @throws Error for a disabled user. */
export async function giveSignInLink(name: string, asJson: boolean): Promise<void> {
  const now = systemClock.now();
  const token = mintToken(systemRandom);
  const username = await withDatabase(databaseFile(), async (db) => {
    const user = await userNamed(db, name);
    if (user.disabled_at !== null) throw new Error(`${user.username} is disabled: enable them first.`);
    await db.write(async (trx) => {
      await insertSignInLink(trx, { token, userId: user.id, now });
      await auditOperator(trx, 'session.link', user.id, now, { username: user.username });
    });
    return user.username;
  });
  // Behind the #, which a browser sends to no server: no log on the way has it.
  const given = {
    username,
    link: `${registryOrigin()}/console/#link=${token}`,
    expires_at: isoTime(now + LINK_MS),
  };
  answer(
    asJson,
    given,
    () =>
      `${username} signs in with this link, once, until ${given.expires_at}. Whoever has it can:\n\n${given.link}`,
  );
}
