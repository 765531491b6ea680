import { isIP } from 'node:net';

/** First and last port, both included. */
export type PortRange = readonly [number, number];

const listItems = (text: string) => text.split(',').map((item) => item.trim());

const isPort = (port: number) => Number.isInteger(port) && port >= 1 && port <= 65_535;

/** The ranges of a list like `443,8000-8999`; undefined when unset. Throws an Error that names the variable. */
export function parsePorts(variable: string, text: string | undefined): readonly PortRange[] | undefined {
  if (text === undefined) return undefined;
  return listItems(text).map((item) => {
    const [, first, last] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(item) ?? [];
    const range: PortRange = [Number(first), Number(last ?? first)];
    if (!isPort(range[0]) || !isPort(range[1]) || range[0] > range[1]) {
      throw new Error(
        `${variable} must be a comma-separated list of ports and ranges like 443,8000-8999; "${item}" is neither.`,
      );
    }
    return range;
  });
}

/** The URL of a forward proxy; undefined when unset. Throws an Error that names the variable, never the password. */
export function parseProxyUrl(variable: string, text: string | undefined): URL | undefined {
  if (text === undefined) return undefined;
  const url = URL.parse(text);
  if (
    url === null ||
    !['http:', 'https:'].includes(url.protocol) ||
    url.pathname !== '/' ||
    url.search ||
    url.hash
  ) {
    throw new Error(
      `${variable} must be the http or https URL of a proxy without a path, like http://proxy.internal:3128.`,
    );
  }
  return url;
}

/**
 * The servers of a list like `10.0.0.2,[fd00::2]:5353`; undefined when unset. Throws an Error that names the
 * variable.
 */
export function parseDnsServers(variable: string, text: string | undefined): readonly string[] | undefined {
  if (text === undefined) return undefined;
  return listItems(text).map((item) => {
    if (isIP(item) !== 0) return item;
    const [, v6, v4, port] = /^(?:\[([^\]]+)\]|([\d.]+)):(\d{1,5})$/.exec(item) ?? [];
    const wellFormed = (v6 === undefined ? isIP(v4 ?? '') === 4 : isIP(v6) === 6) && isPort(Number(port));
    if (!wellFormed) {
      throw new Error(
        `${variable} must be a comma-separated list of DNS server addresses like 10.0.0.2 or 10.0.0.2:5353; "${item}" is not one.`,
      );
    }
    return item;
  });
}
