import type { App } from '../deps.ts';

/**
 * Answers are data: nothing in them may run, be framed, or be taken for another type, and no other site needs to
 * embed them (OWASP REST Security Cheat Sheet). HSTS leaves out subdomains, since the operator's other hosts are not
 * ours to decide about.
 */
const SECURITY_HEADERS = {
  'content-security-policy': "default-src 'none';frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'strict-transport-security': 'max-age=31536000',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
} as const;

/** Sets the security headers on every answer. A route may override them, as the reference at `/docs` does. */
export function registerSecurityHeaders(app: App): void {
  app.addHook('onRequest', (_request, reply, done) => {
    reply.headers(SECURITY_HEADERS);
    done();
  });
}
