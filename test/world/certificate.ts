import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A certificate and the authority to trust, as PEM files. */
export interface Certificate {
  certFile: string;
  keyFile: string;
  caFile: string;
  ca: string;
}

/** Makes an authority and a certificate that it signs for these names (`DNS:…`, `IP:…`). */
export function createCertificate(directory: string, names: readonly string[]): Certificate {
  const file = (name: string) => join(directory, name);
  const openssl = (...words: string[]) =>
    execFileSync('openssl', words, { stdio: ['ignore', 'ignore', 'pipe'] });
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const authority = ['-keyout', file('ca.key'), '-out', file('ca.pem'), '-days', '2', '-subj', '/CN=Test CA'];
  openssl('req', '-x509', ...newKey, ...authority);
  openssl('req', ...newKey, '-keyout', file('server.key'), '-out', file('server.csr'), '-subj', '/CN=Test');
  writeFileSync(file('names'), `subjectAltName=${names.join(',')}\n`);
  const signer = ['-CA', file('ca.pem'), '-CAkey', file('ca.key'), '-CAcreateserial', '-days', '2'];
  const [request, result] = [
    ['-in', file('server.csr')],
    ['-out', file('server.pem')],
  ];
  openssl('x509', '-req', ...request, ...result, ...signer, '-extfile', file('names'));
  return {
    certFile: file('server.pem'),
    keyFile: file('server.key'),
    caFile: file('ca.pem'),
    ca: readFileSync(file('ca.pem'), 'utf8'),
  };
}
