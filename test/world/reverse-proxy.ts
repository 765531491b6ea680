import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import type { Certificate } from './certificate.ts';
import { eventually } from './eventually.ts';
import { freePort } from './free-port.ts';

const DEPLOY = join(import.meta.dirname, '../../deploy');

/** The name in the configurations, which a reader has to change. */
export const SERVER_NAME = 'mahilo.example.com';

export type ProxyKind = 'nginx' | 'caddy';

interface Ports {
  http: number;
  https: number;
}

/** One of the reverse proxies of `deploy`, with other ports, certificate and log files, and nothing else changed. */
export class ReverseProxy implements AsyncDisposable {
  readonly ports: Ports;
  readonly #child: ChildProcess;
  readonly #directory: string;

  private constructor(child: ChildProcess, ports: Ports, directory: string) {
    this.#child = child;
    this.ports = ports;
    this.#directory = directory;
  }

  /** `directory` is empty, and the proxy's own; `upstreamPort` is on 127.0.0.1. */
  static async start(kind: ProxyKind, place: Omit<Place, 'ports'>): Promise<ReverseProxy> {
    const ports = { http: await freePort(), https: await freePort() };
    mkdirSync(place.directory, { recursive: true });
    const write = { nginx: writeNginxConfig, caddy: writeCaddyfile }[kind];
    const [program, ...words] = write({ ...place, ports });
    const child = spawn(program, words, {
      env: { PATH: process.env['PATH'], XDG_DATA_HOME: place.directory, XDG_CONFIG_HOME: place.directory },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const proxy = new ReverseProxy(child, ports, place.directory);
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        proxy.output += text;
      });
    }
    await eventually(async () => {
      if (child.exitCode !== null) throw new Error(`${kind} ended: ${proxy.output}`);
      for (const port of [ports.http, ports.https]) {
        const socket = connect(port, '127.0.0.1');
        await once(socket, 'connect');
        socket.destroy();
      }
      return true;
    });
    return proxy;
  }

  /** What it wrote to standard output and standard error. */
  output = '';

  /** What it wrote anywhere. */
  everythingWritten(): string {
    const files = ['mahilo.log', 'mahilo-error.log'].map((name) => join(this.#directory, name));
    return [this.output, ...files.map((file) => readFileSync(file, { encoding: 'utf8', flag: 'a+' }))].join(
      '\n',
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null) return;
    this.#child.kill('SIGTERM');
    await once(this.#child, 'exit');
  }
}

/** Whether the program is on this machine. */
export function isInstalled(kind: ProxyKind): boolean {
  return spawnSync(kind, [kind === 'nginx' ? '-v' : 'version']).status === 0;
}

interface Place {
  /** How long the API may take to answer, where that is not what the configuration says: `1s`. */
  answerWithin?: string;
  directory: string;
  certificate: Certificate;
  upstreamPort: number;
  ports: Ports;
}

function writeNginxConfig({
  directory,
  certificate,
  upstreamPort,
  ports,
  answerWithin = '60s',
}: Place): [string, ...string[]] {
  const site = changed(readFileSync(join(DEPLOY, 'nginx/mahilo.conf'), 'utf8'), [
    ['listen 80;', `listen 127.0.0.1:${ports.http};`],
    ['listen [::]:80;', ''],
    ['listen 443 ssl http2;', `listen 127.0.0.1:${ports.https} ssl http2;`],
    ['listen [::]:443 ssl http2;', ''],
    ['server 127.0.0.1:8080;', `server 127.0.0.1:${upstreamPort};`],
    [`/etc/letsencrypt/live/${SERVER_NAME}/fullchain.pem`, certificate.certFile],
    [`/etc/letsencrypt/live/${SERVER_NAME}/privkey.pem`, certificate.keyFile],
    ['/var/log/nginx', directory],
    ['proxy_read_timeout 60s;', `proxy_read_timeout ${answerWithin};`],
  ]);
  writeFileSync(join(directory, 'mahilo.conf'), site);
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${join(directory, name)};`,
  );
  const config = `
    daemon off; pid ${join(directory, 'nginx.pid')}; error_log stderr;
    ${process.getuid?.() === 0 ? 'user root;' : ''}
    worker_rlimit_nofile 20000;
    events { worker_connections 8192; }
    http { ${temporary.join(' ')} include ${join(directory, 'mahilo.conf')}; }`;
  writeFileSync(join(directory, 'nginx.conf'), config);
  return ['nginx', '-e', 'stderr', '-c', join(directory, 'nginx.conf')];
}

function writeCaddyfile({
  directory,
  certificate,
  upstreamPort,
  ports,
  answerWithin = '60s',
}: Place): [string, ...string[]] {
  const { certFile, keyFile } = certificate;
  const options = `admin off\nhttp_port ${ports.http}\nhttps_port ${ports.https}\ndefault_bind 127.0.0.1`;
  const caddyfile = changed(readFileSync(join(DEPLOY, 'caddy/Caddyfile'), 'utf8'), [
    ['\n{\n', `\n{\n${options}\n`],
    ['# tls /etc/ssl/mahilo/fullchain.pem /etc/ssl/mahilo/privkey.pem', `tls ${certFile} ${keyFile}`],
    ['127.0.0.1:8080', `127.0.0.1:${upstreamPort}`],
    ['/var/log/caddy', directory],
    ['response_header_timeout 60s', `response_header_timeout ${answerWithin}`],
  ]);
  writeFileSync(join(directory, 'Caddyfile'), caddyfile);
  return ['caddy', 'run', '--config', join(directory, 'Caddyfile'), '--adapter', 'caddyfile'];
}

function changed(text: string, replacements: readonly (readonly [from: string, to: string])[]): string {
  return replacements.reduce((before, [from, to]) => {
    if (!before.includes(from)) throw new Error(`The configuration has no "${from}" any more.`);
    return before.replaceAll(from, to);
  }, text);
}
