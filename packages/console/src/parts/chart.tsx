import { useEffect, useRef } from 'preact/hooks';
import type UPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';

/** A line of a chart: its values belong to the times of the chart; undefined where there is none. */
export interface ChartLine {
  name: string;
  values: readonly (number | undefined)[];
  /** A custom property of the style sheet. */
  color: string;
  /** Lengths of strokes and gaps: colour alone tells nobody anything. */
  dash?: number[];
}

interface ChartProps {
  /** When (s) each value was; rising. */
  times: readonly number[];
  lines: readonly ChartLine[];
  unit: string;
}

const HEIGHT = 200;

/** Lines over time, for who sees them: whatever stands in it must also be said in words or in a table. */
export function Chart({ times, lines, unit }: ChartProps) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const { current } = place;
    if (current === null) return undefined;
    let chart: UPlot | undefined;
    let Plot: typeof UPlot | undefined;
    let isOver = false;
    const draw = () => {
      chart?.destroy();
      if (Plot !== undefined)
        chart = new Plot(optionsOf(current, times, lines, unit), dataOf(times, lines), current);
    };
    // A chunk of its own; without it there are the words and the table.
    import('uplot').then(
      (module) => {
        Plot = module.default;
        if (!isOver) draw();
      },
      () => undefined,
    );
    const resized = new ResizeObserver(() => chart?.setSize({ width: current.clientWidth, height: HEIGHT }));
    resized.observe(current);
    const dark = matchMedia('(prefers-color-scheme: dark)');
    dark.addEventListener('change', draw);
    return () => {
      isOver = true;
      resized.disconnect();
      dark.removeEventListener('change', draw);
      chart?.destroy();
    };
  }, [times, lines, unit]);
  return <div ref={place} class="chart" aria-hidden="true" />;
}

function dataOf(times: readonly number[], lines: readonly ChartLine[]): UPlot.AlignedData {
  return [[...times], ...lines.map(({ values }) => values.map((value) => value ?? null))];
}

const CLOCK = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });
const DAY = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });
const DAY_S = 86_400;

/** What stands below a time (s): when in the day it is, or which day. */
function tickOf(times: readonly number[]): (tick: number) => string {
  const isLong = (times.at(-1) ?? 0) - (times[0] ?? 0) > DAY_S;
  return (tick) => (isLong ? DAY : CLOCK).format(tick * 1000);
}

/** How the legend draws a line that the chart draws in such strokes. */
function styleOf(dash: readonly number[] | undefined): string {
  if (dash === undefined) return 'solid';
  return (dash[0] ?? 0) > 3 ? 'dashed' : 'dotted';
}

function optionsOf(
  place: HTMLElement,
  times: readonly number[],
  lines: readonly ChartLine[],
  unit: string,
): UPlot.Options {
  const styles = getComputedStyle(place);
  const colorOf = (name: string) => {
    // What a custom property says depends on the colour scheme: only a real property tells.
    place.style.color = `var(${name})`;
    const { color } = styles;
    place.style.color = '';
    return color;
  };
  const ink = colorOf('--faint');
  const axis = { stroke: ink, grid: { stroke: colorOf('--line'), width: 1 }, ticks: { show: false } };
  return {
    width: place.clientWidth,
    height: HEIGHT,
    cursor: { show: false },
    legend: { live: false, markers: { dash: (_chart, n) => styleOf(lines[n - 1]?.dash) } },
    scales: { y: { range: (_chart, _least, most) => [0, Math.max(1, most * 1.1)] } },
    axes: [
      { ...axis, values: (_chart, ticks) => ticks.map(tickOf(times)) },
      { ...axis, size: 60, values: (_chart, ticks) => ticks.map((tick) => `${tick} ${unit}`.trim()) },
    ],
    series: [
      {},
      ...lines.map(({ name, color, dash }) => ({
        label: name,
        stroke: colorOf(color),
        width: 2,
        points: { show: false },
        spanGaps: false,
        ...(dash && { dash }),
      })),
    ],
  };
}
