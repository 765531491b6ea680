import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from './eventually.ts';
import { freePort } from './free-port.ts';

/** Whether Debian's Prometheus is on the PATH (`.ci/promtool` brings it). */
export function hasPrometheus(): boolean {
  return ['promtool', 'prometheus'].every((program) => spawnSync(program, ['--version']).status === 0);
}

export interface Series {
  metric: Readonly<Record<string, string>>;
  value: readonly [at: number, value: string];
}

/** A real Prometheus that scrapes every second and has a directory of its own. */
export class Prometheus implements AsyncDisposable {
  readonly #directory = mkdtempSync(join(tmpdir(), 'mahilo-prometheus-'));
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;
  readonly #url: string;

  private constructor(port: number, targets: Readonly<Record<string, string>>, ruleFile: string) {
    const config = {
      global: { scrape_interval: '1s', evaluation_interval: '1s' },
      rule_files: [ruleFile],
      scrape_configs: Object.entries(targets).map(([job_name, target]) => ({
        job_name,
        static_configs: [{ targets: [target] }],
      })),
    };
    // JSON is YAML.
    writeFileSync(join(this.#directory, 'prometheus.yml'), JSON.stringify(config));
    this.#url = `http://127.0.0.1:${port}`;
    const address = this.#url.slice('http://'.length);
    const options = [
      '--config.file=prometheus.yml',
      '--storage.tsdb.path=data',
      `--web.listen-address=${address}`,
    ];
    this.#child = spawn('prometheus', options, { cwd: this.#directory, stdio: 'ignore' });
    this.#ended = once(this.#child, 'close');
  }

  /** `targets` are host:port by the name of their job. */
  static async start(targets: Readonly<Record<string, string>>, ruleFile: string): Promise<Prometheus> {
    const prometheus = new Prometheus(await freePort(), targets, ruleFile);
    await eventually(async () => (await fetch(`${prometheus.#url}/-/ready`)).ok);
    return prometheus;
  }

  /** What an expression finds now. @throws Error when it is no PromQL. */
  async query(expression: string): Promise<Series[]> {
    const url = `${this.#url}/api/v1/query?query=${encodeURIComponent(expression)}`;
    const answer = (await (await fetch(url)).json()) as { data?: { result: Series[] }; error?: string };
    if (answer.data === undefined) throw new Error(`${expression}: ${answer.error}`);
    return answer.data.result;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill();
    await this.#ended;
    rmSync(this.#directory, { recursive: true });
  }
}
