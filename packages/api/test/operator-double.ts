import assert from 'node:assert/strict';
import { grantOperator } from '@mahilo/shared/accounts/operators';
import { mintToken } from '@mahilo/shared/accounts/session-token';
import { insertSignInLink } from '@mahilo/shared/accounts/sign-in-links';
import type { Clock } from '@mahilo/shared/clock';
import { systemRandom } from '@mahilo/shared/random';
import { BrowserDouble } from './browser-double.ts';
import type { TestApp } from './test-app.ts';

/** A browser that opens a link for operators, as the tool `users operator-link` gives it. */
export async function operatorsBrowser(
  here: TestApp,
  userId: string,
  clock: Pick<Clock, 'now'>,
): Promise<BrowserDouble> {
  const token = mintToken(systemRandom);
  await here.db.write(async (trx) => {
    await grantOperator(trx, userId, clock.now());
    await insertSignInLink(trx, { token, userId, now: clock.now(), isOperator: true });
  });
  const browser = new BrowserDouble(() => here.app);
  const { status } = await browser.call('POST', '/auth/sessions', { link_token: token });
  assert.equal(status, 201);
  return browser;
}
