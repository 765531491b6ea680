import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { compileCache, ROOT } from '../world/compile-cache.ts';
import { eventually } from '../world/eventually.ts';
import { freePort } from '../world/free-port.ts';
import { World } from '../world/world.ts';

/** An API whose log goes to a place that the test chooses. */
export class Api implements AsyncDisposable {
  readonly world: World;
  readonly child: ChildProcess;
  readonly metrics: string;
  readonly url: string;

  private constructor(world: World, child: ChildProcess, ports: { api: number; metrics: number }) {
    this.world = world;
    this.child = child;
    this.url = `http://127.0.0.1:${ports.api}`;
    this.metrics = `http://127.0.0.1:${ports.metrics}/metrics`;
  }

  static async start(
    stdout: number | 'pipe',
    { database, launcher = [] }: { database?: string; launcher?: readonly string[] } = {},
  ): Promise<Api> {
    const world = new World();
    await world.store.prepare();
    const ports = { api: await freePort(), metrics: await freePort() };
    const [program = '', ...programArguments] = [...launcher, process.execPath, 'packages/api/src/main.ts'];
    const stdio: StdioOptions = ['ignore', stdout, 'ignore'];
    const child = spawn(program, programArguments, {
      cwd: ROOT,
      env: {
        PATH: process.env['PATH'],
        ...compileCache(ROOT),
        SECRET_KEY: 'a-secret-key-for-tests-that-is-long-enough',
        DATABASE_URL: database ?? world.store.url,
        HOST: '127.0.0.1',
        PORT: String(ports.api),
        METRICS_PORT: String(ports.metrics),
        RATE_LIMIT: '1000000',
        MIN_FREE_DISK: '65536',
        ...(launcher[0]?.endsWith('nohup') ? { _: launcher[0] } : {}),
      },
      stdio,
    });
    const api = new Api(world, child, ports);
    await eventually(() => api.isHealthy());
    return api;
  }

  async isHealthy(): Promise<boolean> {
    return fetch(`${this.url}/health`).then(
      ({ ok }) => ok,
      () => false,
    );
  }

  /** Makes the API log one line for each; the lines are as long as a client can make them. */
  async makeLines(count: number): Promise<void> {
    for (let done = 0; done < count; done += 50) {
      const path = `${this.url}/${'x'.repeat(8000)}`;
      await Promise.all(Array.from({ length: 50 }, () => fetch(path).then((response) => response.text())));
    }
  }

  async linesLost(): Promise<number> {
    const text = await (await fetch(this.metrics)).text();
    return Number(/^mahilo_log_lines_lost_total (\d+)$/m.exec(text)?.[1]);
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | NodeJS.Signals> {
    this.child.kill(signal);
    const [code, ended] = await once(this.child, 'exit');
    return ended ?? code;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.child.kill('SIGKILL');
    if (this.child.exitCode === null && this.child.signalCode === null) await once(this.child, 'exit');
    await this.world[Symbol.asyncDispose]();
  }
}
