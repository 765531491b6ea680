import { globSync } from 'node:fs';
import { sep } from 'node:path';
import { instance } from '@viz-js/viz';
import { readImports } from '../imports/read.ts';

const ROOM = /^packages\/([^/]+)\/src\/([^/]+)/;
/** Names in one line of a box. */
const NAMES_PER_LINE = 3;

const STYLE = `<style>
    text { font-family: system-ui, sans-serif; fill: #1f2328 }
    .node text { font-size: 12px }
    .cluster path { fill: #f6f8fa; stroke: #d0d7de }
    .node path { fill: #ffffff; stroke: #8c959f }
    .edge path { stroke: #59636e }
    .edge polygon { fill: #59636e; stroke: #59636e }
    .between path { stroke: #0550ae; stroke-width: 2 }
    .between polygon { fill: #0550ae; stroke: #0550ae }
    @media (prefers-color-scheme: dark) {
      text { fill: #e6edf3 }
      .cluster path { fill: #151b23; stroke: #3d444d }
      .node path { fill: #0d1117; stroke: #9198a1 }
      .edge path { stroke: #9198a1 }
      .edge polygon { fill: #9198a1; stroke: #9198a1 }
      .between path { stroke: #79c0ff }
      .between polygon { fill: #79c0ff; stroke: #79c0ff }
    }
  </style>`;

/** A package: its rooms, which are its folders and the files beside them, and what each imports of the others. */
interface House {
  rooms: Map<string, Set<string>>;
  /** Other packages that it imports. */
  packages: Set<string>;
}

/** The packages of `root` as houses with rooms, and what imports what, as an SVG. The same imports give the same picture. */
export async function housePicture(root: string): Promise<string> {
  const houses = housesOf(root);
  const statements = [...houses].flatMap(([name, house]) => [
    cluster(name, house),
    ...arrowsWithin(name, house),
    ...[...house.packages].sort().map((other) => arrowBetween(name, house, other, houses.get(other))),
  ]);
  const viz = await instance();
  const svg = viz.renderString(
    `digraph { compound=true nodesep=0.18 ranksep=0.42 bgcolor=transparent
      graph [fontname=Arial fontsize=15 style=rounded]
      node [shape=box style=rounded fontname=Arial fontsize=13 height=0.34 margin="0.12,0.05"]
      edge [arrowsize=0.6]
      ${statements.join('\n')} }`,
    { format: 'svg' },
  );
  return svg
    .slice(svg.indexOf('<svg'))
    .replace(
      /<svg[^>]*>/,
      (tag) => `${tag}\n  <title>The packages, their folders, and what imports what</title>\n  ${STYLE}`,
    )
    .replace(/<!--.*?-->\n/gs, '');
}

function housesOf(root: string): Map<string, House> {
  const houses = new Map<string, House>();
  for (const file of globSync('packages/*/src/**/*.ts', { cwd: root }).map(posix).sort()) {
    if (file.endsWith('.test.ts')) continue;
    const house = houses.get(packageOf(file)) ?? { rooms: new Map(), packages: new Set() };
    houses.set(packageOf(file), house);
    if (!house.rooms.has(roomOf(file))) house.rooms.set(roomOf(file), new Set());
  }
  for (const { from, to } of readImports(root)) {
    const house = from.endsWith('.test.ts') ? undefined : houses.get(packageOf(posix(from)));
    if (house !== undefined) addImport(house, posix(from), posix(to));
  }
  for (const house of houses.values()) gatherGround(house);
  return houses;
}

function addImport(house: House, from: string, to: string): void {
  if (packageOf(to) !== packageOf(from)) house.packages.add(packageOf(to));
  else if (roomOf(to) !== roomOf(from)) house.rooms.get(roomOf(from))?.add(roomOf(to));
}

const posix = (path: string): string => path.replaceAll(sep, '/');

function packageOf(file: string): string {
  return ROOM.exec(file)?.[1] ?? '';
}

/** A folder's name with a slash behind it, or the name of a file beside the folders. */
function roomOf(file: string): string {
  const name = ROOM.exec(file)?.[2] ?? '';
  return name.endsWith('.ts') ? name.slice(0, -'.ts'.length) : `${name}/`;
}

/**
 * Files beside the folders that import nothing of their package become one room, which has all their names. Any room may
 * use it, so no arrow says so: they would hide the others.
 */
function gatherGround({ rooms }: House): void {
  const ground = [...rooms]
    .filter(([room, arrows]) => !room.endsWith('/') && arrows.size === 0)
    .map(([room]) => room);
  for (const room of ground) rooms.delete(room);
  for (const arrows of rooms.values()) for (const room of ground) arrows.delete(room);
  rooms.set(ground.sort().join(' '), new Set());
}

function cluster(name: string, { rooms }: House): string {
  const nodes = [...rooms.keys()].sort().map((room) => `${id(name, room)} [label="${label(room)}"]`);
  const ground = [...rooms.keys()].at(-1) ?? '';
  const below = `{ rank=sink ${id(name, ground)} }`;
  return `subgraph "cluster_${name}" { label="packages/${name}" margin=14 ${[...nodes, below].join('; ')} }`;
}

function label(room: string): string {
  const names = room.split(' ');
  const lines = names.flatMap((_name, n) =>
    n % NAMES_PER_LINE === 0 ? [names.slice(n, n + NAMES_PER_LINE).join(', ')] : [],
  );
  return lines.join(',\\n');
}

function arrowsWithin(name: string, { rooms }: House): string[] {
  return [...rooms].sort().flatMap(([from, arrows]) =>
    [...arrows]
      .sort()
      .filter((to) => !isImplied(rooms, from, to))
      .map((to) => `${id(name, from)} -> ${id(name, to)}`),
  );
}

/** Whether another way leads there, too: such an arrow would say nothing new, and hide the others. */
function isImplied(rooms: House['rooms'], from: string, to: string): boolean {
  const seen = new Set([from, to]);
  const waiting = [...(rooms.get(from) ?? [])].filter((next) => next !== to);
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (rooms.get(next)?.has(to)) return true;
    if (seen.has(next)) continue;
    seen.add(next);
    waiting.push(...(rooms.get(next) ?? []));
  }
  return false;
}

/** From one house to another; Graphviz wants a room of each, and hides the part of the arrow inside of them. */
function arrowBetween(name: string, house: House, other: string, otherHouse: House | undefined): string {
  const lowest = [...house.rooms.keys()].at(-1) ?? '';
  const rooms = otherHouse?.rooms ?? new Map<string, Set<string>>();
  const imported = new Set([...rooms.values()].flatMap((arrows) => [...arrows]));
  const highest = [...rooms].find(([room, arrows]) => arrows.size > 0 && !imported.has(room))?.[0] ?? '';
  const look = `ltail="cluster_${name}" lhead="cluster_${other}" class=between minlen=2 weight=9`;
  return `${id(name, lowest)} -> ${id(other, highest)} [${look}]`;
}

const id = (name: string, room: string): string => `"${name}/${room}"`;
