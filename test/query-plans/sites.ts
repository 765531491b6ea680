import { globSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ROOT } from '../documents/markdown.ts';

/** A place in the product that runs a statement. */
export interface Site {
  /** File and line, for people. */
  place: string;
  file: string;
  offset: number;
  /** The fixed pieces of its text, in order; empty where a query builder makes the text. */
  chunks: readonly string[];
}

/** Matches where a query of Kysely runs, or where a statement of `db/statement.ts` is made. */
const EXECUTE = /\.execute(TakeFirst|TakeFirstOrThrow)?\(/g;
const STATEMENT = /\b(?:insertStatement|namedStatement|statement)(?:<|\()/g;

/**
 * What a worker does only after its clock has agreed for ten minutes, or has jumped: no tour can wait for it. All of it
 * works in pieces, beside the deliveries.
 */
const SELDOM =
  /worker\/src\/(prune|prune-decisions|prune-policies|expire-reviews|abandon)\.ts$|outbox\/mend-times\.ts$/;

/** Every place in the product that runs a statement, except migrations, which run once. */
const ELSEWHERE =
  /db\/(postgres\/.*|migrate-postgres|schema-age)\.ts$|operator\/src\/(move\/.*|restored|database\/(other-sessions|raise-ids|server-facts))\.ts$/;

/** Every place in the product that runs a statement, but for migrations, which run once. */
export function sites(): Site[] {
  const files = globSync('packages/{shared,api,worker,operator}/src/**/*.ts', { cwd: ROOT }).filter(
    (file) =>
      !SELDOM.test(file) &&
      !ELSEWHERE.test(file) &&
      !/\.test\.ts$|\/migrations\/|db\/(statement|write|migrate|migrations)\.ts$/.test(file),
  );
  return files.flatMap((file) => {
    const source = readFileSync(join(ROOT, file), 'utf8');
    const at = (offset: number) => `${file}:${source.slice(0, offset).split('\n').length}`;
    const executes = [...source.matchAll(EXECUTE)].map(({ index }) => ({
      place: at(index),
      file,
      offset: index,
      chunks: [],
    }));
    const statements = [...source.matchAll(STATEMENT)]
      .filter(({ index }) => !/(import|function)[^;]*$/.test(source.slice(Math.max(0, index - 60), index)))
      .map(({ index }) => ({ place: at(index), file, offset: index, chunks: chunksBehind(source, index) }));
    return [...executes, ...statements];
  });
}

const TEXT = /\(\s*(?:\([^()]*\)\s*=>\s*)?(?:`([^`]*)`|'[^']*'|"[^"]*")/;
/** Of a named statement: what its function returns. */
const BUILT = /(?:=>|return)\s+sql`([^`]*)`/;

/** The pieces of the first text after an offset. */
function chunksBehind(source: string, offset: number): string[] {
  const behind = source.slice(offset);
  const [, text = ''] = (behind.startsWith('named') ? BUILT : TEXT).exec(behind) ?? [];
  return text
    .split(/\$\{[^}]*\}/)
    .map((chunk) => plain(chunk))
    .filter((chunk) => chunk !== '');
}

/** A statement with its white space made equal. */
export function plain(statement: string): string {
  return statement.replaceAll(/--.*$/gm, '').replaceAll(/\s+/g, ' ').trim();
}

/** Whether a statement contains a site's text. */
export function isOf(site: Site, statement: string): boolean {
  const written = asWritten(statement);
  let position = 0;
  return site.chunks.every((chunk) => {
    position = written.indexOf(chunk, position);
    return position >= 0;
  });
}

/** A prepared statement as the code has it: the dialect writes parameters in another way. */
export function asWritten(statement: string): string {
  return statement.replaceAll('limit 0 + ?', 'limit ?').replaceAll('+?', '?');
}

interface Coverage {
  result: {
    url: string;
    functions: { ranges: { startOffset: number; endOffset: number; count: number }[] }[];
  }[];
}

/** Tells whether a process has run the code at an offset of a file, from coverage that V8 reported (NODE_V8_COVERAGE). */
export function coverageOf(reports: readonly Coverage[]): (site: Pick<Site, 'file' | 'offset'>) => boolean {
  return ({ file, offset }) => {
    const url = pathToFileURL(join(ROOT, file)).href;
    return reports.some(({ result }) =>
      result.some(
        (script) =>
          script.url === url &&
          hasRun(
            script.functions.flatMap(({ ranges }) => ranges),
            offset,
          ),
      ),
    );
  };
}

/** The innermost range decides. */
function hasRun(
  ranges: readonly { startOffset: number; endOffset: number; count: number }[],
  offset: number,
) {
  const around = ranges.filter(({ startOffset, endOffset }) => startOffset <= offset && offset < endOffset);
  const innermost = around.toSorted(
    (one, other) => one.endOffset - one.startOffset - (other.endOffset - other.startOffset),
  )[0];
  return innermost !== undefined && innermost.count > 0;
}

export function readReports(directory: string): Coverage[] {
  return readdirSync(directory).map((file) => JSON.parse(readFileSync(join(directory, file), 'utf8')));
}
