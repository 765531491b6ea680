import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { ROOT } from '../documents/markdown.ts';
import { blocksOf } from '../pages/blocks.ts';
import { DebianHost, SOURCES } from '../pages/debian-host.ts';
import { isDaemonThere } from '../stack/docker.ts';

const skip = !isDaemonThere() && 'No Docker daemon answers on this machine.';

const REGISTER = "curl -sS http://127.0.0.1:8080/api/v1/auth/register -H 'Content-Type: application/json' -d";
const WAIT = 'curl -sS --retry 30 --retry-delay 1 --retry-all-errors http://127.0.0.1:8080/ready\n';
const EXAMPLE_BACKUP = /\/var\/backups\/mahilo\/mahilo-[\d-]+\.db/g;

/** The sources as they are here, with a tag that stands for the version before. */
function bareClone(directory: string): string {
  const clone = join(directory, 'mahilo.git');
  execFileSync('git', ['clone', '--quiet', '--bare', ROOT, clone]);
  execFileSync('git', ['-C', clone, 'tag', '--force', 'v0.1.0']);
  execFileSync('git', ['-C', clone, 'config', 'safe.directory', '*']);
  return clone;
}

test('a fresh Debian 12 serves, is backed up, restored after a crash, upgraded, rotated and taken back by the blocks of the pages', {
  skip,
}, async () => {
  const directory = mkdtempSync(join(tmpdir(), 'mahilo-pages-'));
  try {
    using host = await DebianHost.boot(bareClone(directory));
    const [packages, units, start, backup, restore, fetch, differences, replace, goBack] = blocksOf(
      'systemd',
      'docs/deployment.md',
    ).map(({ commands }) => commands);
    const [secret, unset] = blocksOf('systemd', 'docs/operating.md').map(({ commands }) => commands);
    const [cron] = blocksOf('cron', 'docs/backups.md').map(({ commands }) => commands);
    const paste = (block: string | undefined) => host.paste(String(block));
    const users = () => paste('mahilo-admin users list');
    const newest = () => paste('ls /var/backups/mahilo/*.db | tail -1').trim();
    const pasteWithBackup = (block: string | undefined, file: string) => {
      assert.match(String(block), EXAMPLE_BACKUP);
      return paste(String(block).replaceAll(EXAMPLE_BACKUP, file));
    };

    paste(`git config --global --add safe.directory ${SOURCES} || true`);
    paste(packages?.replace(/https:\S+\.git/, SOURCES));
    for (const { commands } of blocksOf('secrets', 'docs/deployment.md')) {
      for (const line of paste(commands).trim().split('\n')) assert.ok(line.length >= 32, line);
    }
    paste(units);
    const doctor = paste(start);
    assert.doesNotMatch(doctor, /PROBLEM/);
    const [, key] = /"api_key":"([^"]+)"/.exec(paste(`${REGISTER} '{"username":"ann"}'`)) ?? [];

    assert.match(paste(backup), /mahilo-\d{8}-\d{6}\.db/);
    const file = newest();
    paste(`${REGISTER} '{"username":"late"}'`);
    paste("systemctl kill --signal=KILL 'mahilo-*.service'");
    pasteWithBackup(restore, file);
    paste(WAIT);
    assert.match(users(), /ann/);
    assert.doesNotMatch(users(), /late/);

    paste('install -d -o mahilo -g mahilo -m 0700 /backup/mahilo');
    const [, asUser, command] = /^(?:\S+ ){5}(\S+) (.*)$/m.exec(String(cron)) ?? [];
    assert.match(paste(`runuser -u ${asUser} -- sh -c '${command}'`), /is made and checked/);
    assert.match(paste("systemctl list-timers 'mahilo*'"), /mahilo-backup\.timer/);

    paste(fetch);
    paste(`${differences}\ntrue`);
    paste(replace);
    paste(WAIT);
    assert.match(users(), /ann/);

    paste(secret);
    paste(WAIT);
    assert.match(paste('mahilo-admin secret status; true'), /Keep SECRET_KEY_PREVIOUS/);
    // An API key moves to the new secret when it is used.
    const use = `curl -sSf -H 'Authorization: Bearer ${key}' http://127.0.0.1:8080/api/v1/auth/me`;
    paste(use);
    paste('mahilo-admin secret reseal');
    paste('mahilo-admin secret status');
    paste(unset);
    paste(WAIT);
    paste(use);

    // A backup from before the change would need the secret of that time.
    paste(backup);
    pasteWithBackup(goBack, newest());
    paste(WAIT);
    assert.match(users(), /ann/);
    assert.doesNotMatch(paste('ls -A /var/lib/mahilo'), /\.(npm|cache|local)/, 'something was installed');
    checkAdmin(host);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});

/** `mahilo-admin` says what it cannot do, and what to do instead. */
function checkAdmin(host: DebianHost): void {
  const refused = (command: string) => host.paste(`${command} 2>&1; [ $? = 1 ]`);
  assert.match(refused('mahilo-admin restore /root/mahilo.db'), /see no home directories.*install -o mahilo/);
  assert.match(refused('mahilo-admin backup --to /srv/bk'), /write to \/var\/backups\/mahilo only/);
  assert.match(refused('mahilo-admin restore mahilo.db'), /must be an absolute path/);
  assert.match(refused('mahilo-admin move --to postgres://mahilo@db/mahilo'), /is open in another process/);
  host.paste('touch /var/backups/mahilo/private.db');
  assert.match(
    refused('chmod 600 /var/backups/mahilo/private.db; mahilo-admin restore /var/backups/mahilo/private.db'),
    /chown mahilo:mahilo/,
  );
  host.paste('mv /var/backups/mahilo /var/backups/elsewhere');
  assert.match(refused('mahilo-admin users list'), /systemd-tmpfiles --create mahilo\.conf/);
  host.paste('systemctl start mahilo-backup; true');
  assert.match(
    host.paste('journalctl -u mahilo-backup-failed -o cat'),
    /backup of the Mahilo Registry failed/,
  );
}
