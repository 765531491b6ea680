import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { optionsOrExit } from '@mahilo/operator/command-line';
import { createCertificate } from '../world/certificate.ts';
import { Client } from '../world/client.ts';
import { eventually } from '../world/eventually.ts';
import { freePort } from '../world/free-port.ts';
import { isInstalled, ReverseProxy, SERVER_NAME } from '../world/reverse-proxy.ts';
import { ensureBaseImages } from './base-images.ts';
import { BuildContext, composeCommand, isDaemonThere } from './docker.ts';
import { Receiver } from './receiver.ts';
import { backUpAndRestore } from './restore.ts';
import { Stack } from './stack.ts';
import { Traffic } from './traffic.ts';

const SUBNET = '172.31.251.0/24';
const GATEWAY = '172.31.251.1';
const VERSION = 'stack-check';
const MESSAGES = 40;
/** 205 MB of it are Debian and Node. */
const MAX_IMAGE_MB = 250;

const HELP = `Checks the images and deploy/compose.yaml for real: npm run check:stack [-- option…]

It builds the images and starts the stack beside any other, with nginx and TLS before it and an agent behind TLS. While
messages flow it kills each container, lets each crash, and starts more workers; every accepted message must have arrived.
Then it restores a backup, and removes everything. It needs root, a Docker daemon, docker-compose and nginx.

  --require   Fails where something of that is not there, instead of saying so and ending well.
  --help      Shows this.`;

const startedAt = performance.now();

function done(what: string): void {
  console.log(`${((performance.now() - startedAt) / 1000).toFixed(1).padStart(6)} s  ${what}`);
}

async function main(): Promise<number> {
  const { values } = optionsOrExit(HELP, { options: { require: { type: 'boolean' } } });
  const compose = composeCommand();
  const lacking = whatIsLacking(compose !== undefined);
  if (lacking || !compose) {
    console.log(`The stack was not checked: ${lacking}`);
    return values.require ? 1 : 0;
  }
  done(ensureBaseImages());
  const sizes = buildAll();
  assert.ok(Math.max(...sizes) < MAX_IMAGE_MB, `The images have ${sizes.join(', ')} MB.`);
  done(`the images are built: ${sizes.join(', ')} MB`);
  const directory = mkdtempSync(join(tmpdir(), 'mahilo-stack-'));
  try {
    await checkStack(directory, compose);
  } finally {
    rmSync(directory, { recursive: true });
  }
  done('everything is removed again');
  return 0;
}

function buildAll(): number[] {
  using context = new BuildContext();
  return [
    context.build('mahilo-registry:latest'),
    context.build(`mahilo-api:${VERSION}`, '--target', 'api'),
    context.build(`mahilo-worker:${VERSION}`, '--target', 'worker'),
  ];
}

function whatIsLacking(hasCompose: boolean): string | undefined {
  if (!isDaemonThere()) return 'no Docker daemon answers on this machine.';
  if (!hasCompose) return 'neither `docker compose` nor docker-compose is on this machine.';
  if (!isInstalled('nginx')) return 'nginx is not on this machine.';
  return undefined;
}

async function checkStack(directory: string, compose: readonly [string, ...string[]]): Promise<void> {
  const certificate = createCertificate(directory, [`DNS:${SERVER_NAME}`, 'DNS:localhost', `IP:${GATEWAY}`]);
  setDefaultCACertificates([...getCACertificates('default'), certificate.ca]);
  const port = await freePort();
  using stack = new Stack({
    directory,
    compose,
    project: 'mahilo-check',
    version: VERSION,
    subnet: SUBNET,
    gateway: GATEWAY,
    port,
    caFile: certificate.caFile,
  });
  stack.compose('up', '-d');
  await stack.healthy('api');
  await stack.healthy('worker');
  done('API and worker are healthy, by their own health checks');

  await using nginx = await ReverseProxy.start('nginx', {
    directory: join(directory, 'nginx'),
    certificate,
    upstreamPort: port,
  });
  await using receiver = new Receiver(GATEWAY, certificate);
  await receiver.listen();
  const nobody = new Client(() => `https://localhost:${nginx.ports.https}`);
  const [ann, ben] = [await nobody.register('ann'), await nobody.register('ben')];
  await ben.connect(receiver.url);
  await ann.befriend(ben);
  const { message_id: first } = await ann.send(ben, 'Hello through TLS');
  await eventually(() => receiver.timesReceived.has(first));
  assert.match(stack.logs(String(stack.containers('api')[0])), /"status":200,[^\n]*"client":"127\.0\.0\.1"/);
  done('a message went through nginx with TLS to a callback with TLS; the API knows the client behind nginx');
  const metrics = "for (const name of ['api', 'worker']) fetch('http://' + name + ':9464/metrics')";
  stack.compose('exec', '-T', 'worker', 'node', '-e', metrics);
  done('the metrics of both are there for Prometheus on the inner network');

  const traffic = new Traffic(ann, ben, 'stack');
  traffic.start();
  await traffic.more(MESSAGES);
  await killEach(stack, traffic);
  await scaleWorkers(stack, traffic);
  await traffic.stop();
  await nothingLost(traffic.accepted, receiver);
  await backUpAndRestore(stack, { ann, ben }, receiver);
  done('a backup of the running stack was made and put back');
  stopsWell(stack);
}

async function killEach(stack: Stack, traffic: Traffic): Promise<void> {
  for (const service of ['worker', 'api']) {
    const [container = ''] = stack.containers(service);
    stack.compose('kill', '-s', 'SIGKILL', service);
    assert.equal(stack.inspect(container, '{{.State.ExitCode}}'), '137');
    if (service === 'worker') await traffic.more(MESSAGES);
    stack.compose('start', service);
    await stack.healthy(service);
    await traffic.more(MESSAGES);
    done(`docker kill of the ${service}, and a new start, while messages flow`);
  }
  for (const service of ['worker', 'api']) {
    const [container = ''] = stack.containers(service);
    // Kills all processes in the container but its init and this shell.
    stack.compose('exec', '-T', service, 'sh', '-c', 'kill -9 -1');
    await eventually(() => stack.inspect(container, '{{.RestartCount}}') === '1', 30_000);
    await stack.healthy(service);
    await traffic.more(MESSAGES);
    done(`a crash of the ${service}: Docker started it again`);
  }
}

async function scaleWorkers(stack: Stack, traffic: Traffic): Promise<void> {
  const [first = ''] = stack.containers('worker');
  stack.compose('up', '-d', '--scale', 'worker=3', '--no-recreate');
  await stack.healthy('worker', 3);
  await traffic.more(MESSAGES);
  // A warm worker may be the quickest every time, so the others have to deliver without it.
  stack.stop(first);
  const others = stack.containers('worker').filter((id) => id !== first);
  const busy = () => others.filter((id) => /Delivery attempted/.test(stack.logs(id)));
  await traffic.more(2 * MESSAGES);
  await eventually(() => busy().length > 0, 30_000);
  stack.start(first);
  await stack.healthy('worker', 3);
  done(`--scale worker=3: three are healthy, and ${busy().length} of the new ones have delivered`);
}

async function nothingLost(accepted: readonly string[], receiver: Receiver): Promise<void> {
  const missing = () => accepted.filter((id) => !receiver.timesReceived.has(id));
  await eventually(() => missing().length === 0, 60_000);
  const twice = accepted.filter((id) => (receiver.timesReceived.get(id) ?? 0) > 1).length;
  done(`all ${accepted.length} accepted messages have arrived, ${twice} of them more than once`);
}

function stopsWell(stack: Stack): void {
  const containers = ['api', 'worker'].flatMap((service) => stack.containers(service));
  stack.compose('stop');
  const codes = containers.map((id) => stack.inspect(id, '{{.State.ExitCode}}'));
  assert.deepEqual(codes, Array(containers.length).fill('0'));
  done('all containers ended with exit code 0 when they were stopped');
}

process.exitCode = await main();
