import { NEAR } from '@mahilo/shared/bounds/bounds';
import type { Settings } from '@mahilo/shared/config/settings';
import { type Finding, findingsOf } from './finding.ts';

const { ok, note } = findingsOf('bounds');

const ANSWER_WITHIN_MS = 2000;
/** Addresses to listen on all of which a client reaches by the loopback address. */
const EVERYWHERE: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' };
const NAMES: Readonly<Record<string, string>> = {
  connections: 'connections',
  streams: 'streams and polls',
  request_bytes: 'bytes of requests in flight',
  response_bytes: 'bytes of answers that are not read',
};
const ADVICE =
  'docs/limits.md says what happens then, and which setting raises it; docs/monitoring.md, how to watch it.';

/**
 * How much the API has of what it has only so much of. Only its metrics tell: these bounds are counted in the memory of the
 * process at METRICS_PORT.
 */
export async function examineRoom(settings: Settings | undefined): Promise<Finding[]> {
  if (!settings?.METRICS_PORT) return [];
  const { METRICS_HOST: host, METRICS_PORT: port } = settings;
  const address = EVERYWHERE[host] ?? host;
  const url = `http://${address.includes(':') ? `[${address}]` : address}:${port}/metrics`;
  const metrics = await fetch(url, { signal: AbortSignal.timeout(ANSWER_WITHIN_MS) }).then(
    (answer) => answer.text(),
    () => undefined,
  );
  if (metrics === undefined) {
    return [
      note(
        `${url} does not answer, so nothing is known of connections, streams and bytes in flight.`,
        'Run this where the API runs, with the METRICS_PORT of the API.',
      ),
    ];
  }
  const used = valuesOf(metrics, 'mahilo_api_room_used');
  // It may be a worker's.
  if (used.size === 0) return [];
  const limits = valuesOf(metrics, 'mahilo_api_room_limit');
  const near = [...used].filter(
    ([name, value]) => value >= NEAR * (limits.get(name) ?? Number.POSITIVE_INFINITY),
  );
  if (near.length === 0) return [ok('The API has room for connections, streams and bytes in flight.')];
  return near.map(([name, value]) =>
    note(`The API has ${value} of ${limits.get(name)} ${NAMES[name] ?? name}: 80 % or more.`, ADVICE),
  );
}

/** The samples of a metric by their label `of`, in the text format of Prometheus. */
function valuesOf(metrics: string, metric: string): Map<string, number> {
  const samples = metrics.matchAll(new RegExp(String.raw`^${metric}\{[^}]*\bof="(\w+)"[^}]*\} (\S+)$`, 'gm'));
  return new Map([...samples].map(([, name = '', value]) => [name, Number(value)]));
}
