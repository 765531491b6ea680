import type { ProductProcess } from './process.ts';

/** One time series at one moment. */
export interface Sample {
  name: string;
  labels: Readonly<Record<string, string>>;
  value: number;
}

/** A metric as its process describes it. */
export interface Described {
  name: string;
  type: string;
  help: string;
  labels: readonly string[];
}

/** What a process answers at `/metrics`. */
export class Scrape {
  readonly samples: readonly Sample[];
  readonly described: readonly Described[];

  constructor(text: string) {
    const lines = text.split('\n');
    this.samples = lines.filter((line) => /^\w/.test(line)).map(sampleOf);
    const types = new Map(
      lines.flatMap((line) =>
        /^# TYPE (\S+) (\S+)/.exec(line) ? [[line.split(' ')[2], line.split(' ')[3]]] : [],
      ) as [string, string][],
    );
    this.described = lines
      .map((line) => /^# HELP (\S+) (.*)$/.exec(line))
      .filter((found) => found !== null)
      .map(([, name = '', help = '']) => ({
        name,
        help,
        type: types.get(name) ?? '',
        labels: this.#labelsOf(name),
      }));
  }

  /** The value of the one series with this name and (at least) these labels. */
  value(name: string, labels: Readonly<Record<string, string>> = {}): number {
    const found = this.samples.filter(
      (sample) =>
        sample.name === name && Object.entries(labels).every(([key, value]) => sample.labels[key] === value),
    );
    if (found.length !== 1) throw new Error(`There are ${found.length} of ${name}${JSON.stringify(labels)}.`);
    return found[0]?.value ?? Number.NaN;
  }

  #labelsOf(metric: string): string[] {
    const ofMetric = this.samples.filter(
      ({ name }) => name.replace(/_(bucket|sum|count)$/, '') === metric || name === metric,
    );
    const names = new Set(ofMetric.flatMap(({ labels }) => Object.keys(labels)));
    names.delete('le');
    return [...names].sort();
  }
}

/** Scrapes a process that was started with METRICS_PORT. */
export async function scrape(process: ProductProcess): Promise<Scrape> {
  const { url } = await process.logged(/^Internal listener/);
  const answer = await fetch(`${url}/metrics`);
  if (answer.status !== 200) throw new Error(`/metrics answered ${answer.status}.`);
  return new Scrape(await answer.text());
}

function sampleOf(line: string): Sample {
  const [, name = '', inBraces = '', value] = /^(\w+)(?:\{(.*)\})? (\S+)/.exec(line) ?? [];
  const labels = Object.fromEntries(
    [...inBraces.matchAll(/(\w+)="([^"]*)"/g)].map(([, key, text]) => [key, text]),
  );
  return { name, labels, value: Number(value) };
}
