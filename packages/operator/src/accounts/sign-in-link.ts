import { grantOperator, mayOperate, withdrawOperator } from '@mahilo/shared/accounts/operators';
import { mintToken } from '@mahilo/shared/accounts/session-token';
import { insertSignInLink, LINK_MS } from '@mahilo/shared/accounts/sign-in-links';
import { isoTime, systemClock } from '@mahilo/shared/clock';
import { systemRandom } from '@mahilo/shared/random';
import { databaseUrl, registryOrigin, withDatabase } from '../context.ts';
import { auditOperator } from '../operator-audit.ts';
import { answer } from '../output.ts';
import { userNamed } from './look-up.ts';

/**
 * Makes a link with which a user signs in at a browser, as themselves or as the operator, and prints it.
 * @throws Error for a disabled user, and for who is no operator.
 */
export async function giveSignInLink(
  name: string,
  as: 'person' | 'operator',
  asJson: boolean,
): Promise<void> {
  const now = systemClock.now();
  const token = mintToken(systemRandom);
  const isOperator = as === 'operator';
  const username = await withDatabase(databaseUrl(), async (db) => {
    const user = await userNamed(db, name);
    if (user.disabled_at !== null) throw new Error(`${user.username} is disabled: enable them first.`);
    await db.write(async (trx) => {
      if (isOperator && !(await mayOperate(trx, user.id))) {
        throw new Error(`${user.username} is no operator: grant-operator makes one of them.`);
      }
      await insertSignInLink(trx, { token, userId: user.id, now, isOperator });
      const details = { username: user.username, ...(isOperator && { operator: 1 }) };
      await auditOperator(trx, 'session.link', user.id, now, details);
    });
    return user.username;
  });
  // Behind the #, which a browser sends to no server: no log on the way has it.
  const given = {
    username,
    link: `${registryOrigin()}/console/#link=${token}`,
    expires_at: isoTime(now + LINK_MS),
  };
  const who = isOperator ? `${username} signs in as the operator` : `${username} signs in`;
  answer(
    asJson,
    given,
    () => `${who} with this link, once, until ${given.expires_at}. Whoever has it can:\n\n${given.link}`,
  );
}

/** Makes a user an operator at a browser, or ends that, with their sessions as the operator. */
export async function changeOperator(
  name: string,
  to: 'granted' | 'withdrawn',
  asJson: boolean,
): Promise<void> {
  const now = systemClock.now();
  const changed = await withDatabase(databaseUrl(), async (db) => {
    const { id, username } = await userNamed(db, name);
    await db.write(async (trx) => {
      const isChanged = to === 'granted' ? grantOperator(trx, id, now) : withdrawOperator(trx, id);
      if (!(await isChanged)) return;
      const action = to === 'granted' ? 'operator.grant' : 'operator.withdraw';
      await auditOperator(trx, action, id, now, { username });
    });
    return { user_id: id, username, operator: to === 'granted' };
  });
  answer(asJson, changed, () =>
    changed.operator
      ? `${changed.username} may be the operator at a browser: operator-link ${changed.username} signs them in.`
      : `${changed.username} is no operator any more, and is signed out as one everywhere.`,
  );
}
