import type { Client } from '../world/client.ts';

/**
 * Ann at a browser: signed in by her key, by an agent's approval and by an operator's link, seen and signed out.
 * `anHourLater` makes her sessions older.
 */
export async function browsers(
  ann: Client,
  linkToken: string,
  anHourLater: () => Promise<void>,
): Promise<void> {
  const nobody = ann.as('', '');
  const cookieOf = async (...[path, body, headers]: [string, unknown?, Record<string, string>?]) => {
    const answer = await nobody.call('POST', path, body, headers);
    if (answer.status >= 300) throw new Error(`${path}: ${answer.status}`);
    const [cookie = ''] = answer.headers.get('set-cookie')?.split(';') ?? [];
    return { cookie, 'sec-fetch-site': 'same-origin' };
  };
  const browser = await cookieOf('/auth/sessions', { api_key: ann.apiKey });
  const { attempt_id, approval_code, browser_token } = await nobody.ok(
    'POST',
    '/auth/browser-login/attempts',
    {
      username: 'ann',
    },
  );
  const token = { 'x-browser-login-token': browser_token };
  await nobody.ok('GET', `/auth/browser-login/attempts/${attempt_id}`, undefined, token);
  await nobody.ok('POST', '/auth/browser-login/approve', { approval_code }, browser);
  await cookieOf(`/auth/browser-login/attempts/${attempt_id}/redeem`, undefined, { ...token, ...browser });
  const linked = await cookieOf('/auth/sessions', { link_token: linkToken });
  await anHourLater();
  await nobody.ok('GET', '/auth/browser-login/diagnostics', undefined, linked);
  await nobody.ok('GET', '/auth/sessions', undefined, linked);
  await nobody.ok('PATCH', '/auth/me', { display_name: 'Ann' }, linked);
  await nobody.ok('DELETE', '/auth/sessions/others', undefined, linked);
  await nobody.ok('DELETE', '/auth/sessions/current', undefined, linked);
}
