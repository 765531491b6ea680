import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';

const INSIDE = 'MAHILO_CHAOS_NAMESPACE';
/** TEST-NET-3 (RFC 5737): public addresses without an owner. In the namespace all of them lead to this machine. */
const NETWORK = '203.0.113';
const SETUP = `ip link set lo up && ip route add local ${NETWORK}.0/24 dev lo && exec "$@"`;

/** The address of everything that is reached directly. */
export const SERVER_ADDRESS = `${NETWORK}.1`;

/** A client's address, by number from 0 to 249. To the product each is another client. */
export function clientAddress(n: number): string {
  return `${NETWORK}.${2 + (n % 250)}`;
}

/** Whether this process runs in a network namespace that {@link enterNamespace} made. */
export function isInNamespace(): boolean {
  return process.env[INSIDE] !== undefined;
}

/**
 * Runs this program again in its own network namespace with loopback as its only interface: clients need addresses that
 * are not loopback addresses, since bounds by address do not count those.
 * @returns the exit code of that run; undefined where no namespace can be made.
 */
export async function enterNamespace(): Promise<number | undefined> {
  if (spawnSync('unshare', ['--net', 'sh', '-c', SETUP, 'sh', 'true']).status !== 0) return undefined;
  const command = [process.execPath, ...process.execArgv, ...process.argv.slice(1)];
  const child = spawn('unshare', ['--net', 'sh', '-c', SETUP, 'sh', ...command], {
    stdio: 'inherit',
    env: { ...process.env, [INSIDE]: '1' },
  });
  const [code] = await once(child, 'exit');
  return code ?? 1;
}
