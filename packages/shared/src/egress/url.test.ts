import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { policyWith } from '../../test/egress/policy.ts';
import type { EgressPolicy } from './policy.ts';
import { CallbackUrlError, parseCallbackUrl } from './url.ts';

const production = policyWith();
const development = policyWith({ NODE_ENV: 'development' });
const selfHosted = policyWith({ ALLOW_PRIVATE_IPS: true });

function passes(url: string, policy: EgressPolicy): boolean {
  try {
    parseCallbackUrl(url, policy);
    return true;
  } catch (error) {
    assert.ok(error instanceof CallbackUrlError, `${url}: ${error}`);
    assert.match(error.message, /^[A-Z].*\.$/);
    return false;
  }
}
const refused = (policy: EgressPolicy, urls: readonly string[]) =>
  assert.deepEqual(
    urls.filter((url) => passes(url, policy)),
    [],
  );
const allowed = (policy: EgressPolicy, urls: readonly string[]) =>
  assert.deepEqual(
    urls.filter((url) => !passes(url, policy)),
    [],
  );

describe('parseCallbackUrl', () => {
  test('allows https to a full host name or a public address', () => {
    allowed(production, [
      'https://agent.example.com/hook?a=b',
      'https://8.8.8.8/',
      'https://[2606:4700::1111]:8443/x',
      'https://bücher.example/',
      'HTTPS://AGENT.EXAMPLE.COM',
    ]);
  });
  test('allows http only for loopback outside production, and anywhere with ALLOW_PRIVATE_IPS', () => {
    refused(production, ['http://agent.example.com/', 'http://localhost/', 'http://8.8.8.8/']);
    refused(development, ['http://agent.example.com/', 'http://8.8.8.8/', 'http://10.0.0.1/']);
    allowed(development, [
      'http://localhost:3000/',
      'http://agent.localhost:3000/',
      'http://localhost.:3000/',
      'http://127.0.0.1:3000/',
      'http://[::1]:3000/',
      'https://localhost:3000/',
    ]);
    allowed(selfHosted, [
      'http://agent.example.com/',
      'http://10.0.0.1/',
      'http://localhost:3000',
      'http://plugin:3000/hook',
    ]);
  });
  test('refuses every encoding of loopback in production', () => {
    refused(production, [
      'https://127.0.0.1/',
      'https://127.1/',
      'https://0x7f.1/',
      'https://0177.0.0.1/',
      'https://2130706433/',
      'https://127.0.0.1./',
      'https://①②⑦.⓪.⓪.①/',
      'https://127。0。0。1/',
      'https:127.0.0.1',
      'https:\\\\127.0.0.1',
      'https://localhost/',
      'https://LOCALHOST./',
      'https://ⅼocalhost/',
      'https://loc%61lhost/',
      'https://a.localhost/',
      'https://[::1]/',
      'https://[::ffff:127.0.0.1]/',
      'https://[::127.0.0.1]/',
      'https://[64:ff9b::7f00:1]/',
      'https://0/',
      'https://[::]/',
    ]);
  });
  test('refuses cloud metadata in every encoding, also with ALLOW_PRIVATE_IPS', () => {
    refused(selfHosted, [
      'http://169.254.169.254/latest/meta-data/',
      'http://2852039166/',
      'http://0xa9fea9fe/',
      'http://0251.0376.0251.0376/',
      'http://169.254.43518/',
      'http://[::ffff:169.254.169.254]/',
      'http://[::a9fe:a9fe]/',
      'http://[64:ff9b::a9fe:a9fe]/',
      'http://[fd00:ec2::254]/',
      'http://100.100.100.200/',
      'http://168.63.129.16/',
    ]);
  });
  test('refuses other schemes, user info, fragments, and what is no URL', () => {
    refused(selfHosted, [
      'file:///etc/passwd',
      'ftp://example.com/',
      'unix:/var/run/docker.sock',
      'gopher://example.com/',
      'javascript:1',
      'data:,x',
      'ws://example.com/',
      '',
      'agent.example.com',
      '//agent.example.com',
      'https://',
      'https://[::1',
      'https://exa mple.com/',
      'https://example.com:99999/',
      'https://[fe80::1%25eth0]/',
    ]);
    refused(selfHosted, [
      'https://user@example.com/',
      'https://user:pass@example.com/',
      'https://127.0.0.1:80@8.8.8.8/',
      'https://:pass@example.com/',
      'https://example.com/#',
      'https://example.com/#x',
      'https://8.8.8.8#@127.0.0.1/',
    ]);
  });
  test('refuses names without a domain, empty labels and overlong URLs', () => {
    refused(production, [
      'https://intranet/',
      'https://metadata/',
      'https://instance-data./',
      'https://a..example/',
      'https://./',
      'https://../',
      'https://.example.com/',
    ]);
    allowed(selfHosted, ['http://plugin:3000/', 'http://plugin./']);
    refused(production, [`https://example.com/${'a'.repeat(2029)}`]);
    allowed(production, [`https://example.com/${'a'.repeat(2028)}`]);
  });
  test('drops the dot of a fully qualified name, which would spoil the TLS server name', () => {
    assert.equal(
      parseCallbackUrl('https://agent.example.com.:8443/a', production).href,
      'https://agent.example.com:8443/a',
    );
  });
  test('allows 80, 443 and high ports, but not those of well-known internal services', () => {
    allowed(production, [
      'https://a.example:80/',
      'https://a.example:443/',
      'https://a.example:1024/',
      'https://a.example:8443/',
      'https://a.example:65535/',
    ]);
    refused(production, [
      'https://a.example:22/',
      'https://a.example:25/',
      'https://a.example:0/',
      'https://a.example:444/',
      'https://a.example:6379/',
      'https://a.example:5432/',
      'https://a.example:2375/',
      'https://a.example:11211/',
      'https://a.example:9200/',
    ]);
  });
  test('EGRESS_PORTS replaces the rule for ports', () => {
    const policy = policyWith({ EGRESS_PORTS: '443,6379,9000-9001' });
    allowed(policy, ['https://a.example/', 'https://a.example:6379/', 'https://a.example:9001/']);
    refused(policy, ['https://a.example:80/', 'https://a.example:8443/', 'https://a.example:9002/']);
  });
});
