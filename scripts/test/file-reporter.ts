import { text } from 'node:stream/consumers';
import type { TestEvent } from 'node:test/reporters';
import { spec } from 'node:test/reporters';

/** What a tester tells its parent of a file that it has run. */
export interface FileResult {
  file: string;
  passed: boolean;
  /** For people. */
  report: string;
}

/** Tells the parent of this process of each file that was run (see tester.ts), and writes nothing. */
// biome-ignore lint/style/noDefaultExport: Node takes a reporter by its default export
export default async function* reportFiles(events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  let report = new spec();
  for await (const event of events) {
    report.write(event);
    const isEnd = event.type === 'test:pass' || event.type === 'test:fail';
    if (!isEnd || event.data.nesting > 0) continue;
    report.end();
    const result: FileResult = {
      file: event.data.name,
      passed: event.type === 'test:pass',
      report: await text(report),
    };
    process.send?.(result);
    report = new spec();
  }
  yield '';
}
