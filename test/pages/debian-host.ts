import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { docker } from '../stack/docker.ts';
import { eventually } from '../world/eventually.ts';

const IMAGE = 'mahilo-check-debian';
/** The part of `--privileged` that systemd needs; all of it is more than some virtual machines can give. */
const PRIVILEGES = [
  '--cap-add=ALL',
  '--cap-drop=SYS_RESOURCE',
  ...['seccomp', 'apparmor', 'systempaths'].map((name) => `--security-opt=${name}=unconfined`),
  '--cgroupns=host',
];
const BOOTED_WITHIN_MS = 60_000;
/** The path on the host from which the product is cloned. */
export const SOURCES = '/srv/mahilo.git';
const CERTIFICATES = '/usr/local/share/host-certificates.pem';

/** A fresh Debian 12 with systemd as PID 1 and nothing else, in a container. */
export class DebianHost implements Disposable {
  readonly #id: string;

  private constructor(id: string) {
    this.#id = id;
  }

  /** `repository` is a bare clone of the product. */
  static async boot(repository: string): Promise<DebianHost> {
    ensureImage();
    const certificates = process.env['NODE_EXTRA_CA_CERTS'];
    const host = new DebianHost(
      docker([
        'run',
        '--detach',
        ...PRIVILEGES,
        ...['/run', '/run/lock', '/tmp'].flatMap((path) => ['--tmpfs', `${path}:exec`]),
        ...['--volume', '/sys/fs/cgroup:/sys/fs/cgroup:rw'],
        ...['--volume', `${repository}:${SOURCES}`],
        // The doctor asks for a disk; the container's own layers are none.
        ...['--volume', '/var/lib/mahilo'],
        ...(certificates ? ['--volume', `${certificates}:${CERTIFICATES}:ro`] : []),
        IMAGE,
        // systemd passes credentials to services by mounts, which a container has to let through.
        ...['sh', '-c', 'mount --make-rshared / && exec /sbin/init'],
      ]),
    );
    try {
      await eventually(() => {
        const { stdout } = host.#spawn('systemctl is-system-running');
        if (['running', 'degraded'].includes(stdout.trim())) return true;
        throw new Error(`systemd is ${stdout.trim()}`);
      }, BOOTED_WITHIN_MS);
      return host;
    } catch (error) {
      host[Symbol.dispose]();
      throw error;
    }
  }

  /**
   * Runs commands as if pasted into a root shell.
   * @returns what they printed, on both streams. @throws Error when the last one of them fails.
   */
  paste(commands: string): string {
    const { status, stdout, stderr } = this.#spawn(commands);
    if (status === 0) return stdout + stderr;
    const journal = this.#spawn("journalctl -u 'mahilo-*' -n 20 -o cat --no-pager").stdout;
    throw new Error(`exit code ${status}:\n${commands}\n${stdout}${stderr}\n${journal}`);
  }

  #spawn(commands: string) {
    const trust = ['NODE_EXTRA_CA_CERTS', 'npm_config_cafile'].map((name) => `--env=${name}=${CERTIFICATES}`);
    const words = [
      'exec',
      '--interactive',
      ...(process.env['NODE_EXTRA_CA_CERTS'] ? trust : []),
      this.#id,
      'bash',
    ];
    return spawnSync('docker', words, { input: commands, encoding: 'utf8' });
  }

  [Symbol.dispose](): void {
    docker(['rm', '--force', '--volumes', this.#id]);
  }
}

function ensureImage(): void {
  if (spawnSync('docker', ['image', 'inspect', IMAGE], { stdio: 'ignore' }).status === 0) return;
  const directory = mkdtempSync(join(tmpdir(), 'mahilo-debian-'));
  try {
    const root = join(directory, 'root');
    const quiet = { stdio: ['ignore', 'ignore', 'inherit'] } as const;
    const packages = '--include=systemd,systemd-sysv,dbus';
    execFileSync('debootstrap', ['--variant=minbase', packages, 'bookworm', root], {
      stdio: [...quiet.stdio],
    });
    execFileSync('tar', ['-C', root, '-cf', `${root}.tar`, '.'], { stdio: [...quiet.stdio] });
    docker(['import', `${root}.tar`, IMAGE]);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
