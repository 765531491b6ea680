import { isIP } from 'node:net';
import { fromChangingFile } from './changing-file.ts';

type Hosts = ReadonlyMap<string, readonly string[]>;

/**
 * Reads the hosts file, which c-ares' `Resolver` does not consult: containers get `extra_hosts` and
 * `host.docker.internal` from it. Notices changes; a missing file counts as an empty one.
 */
export function hostsFile(path = '/etc/hosts'): (name: string) => readonly string[] {
  const hosts = fromChangingFile(path, parseHosts);
  return (name) => hosts().get(name.toLowerCase()) ?? [];
}

function parseHosts(text: string): Hosts {
  const hosts = new Map<string, string[]>();
  for (const line of text.split('\n')) {
    const [address = '', ...names] = line.replace(/#.*/, '').trim().split(/\s+/);
    if (isIP(address) === 0) continue;
    for (const name of names) {
      const key = name.toLowerCase();
      hosts.set(key, [...(hosts.get(key) ?? []), address]);
    }
  }
  return hosts;
}
