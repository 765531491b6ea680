import { World } from '../world/world.ts';

export const RULES = 'deploy/prometheus/alerts.yml';
export const DASHBOARD = 'deploy/grafana/dashboards/mahilo.json';
export const POSTGRES_DASHBOARD = 'deploy/grafana/dashboards/mahilo-postgres.json';

/** API and worker as Prometheus sees them. */
export class MonitoredWorld extends World {
  /** The internal listeners, by the name of their job. */
  readonly urls: Record<string, string> = {};

  constructor() {
    super({ METRICS_PORT: '0', MAX_RETRIES: '1' });
  }

  async startBoth(): Promise<void> {
    for (const [job, started] of [
      ['mahilo-api', await this.startApi()],
      ['mahilo-worker', await this.startWorker()],
    ] as const) {
      this.urls[job] = String((await started.logged(/^Internal listener/))['url']);
    }
  }
}

/** The metrics of one process, as text. */
export async function metricsOf(url: string): Promise<string> {
  return (await fetch(`${url}/metrics`)).text();
}
