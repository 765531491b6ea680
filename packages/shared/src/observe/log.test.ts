import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';

/** The output of a process that runs the program text `calls` with a logger. */
function logged(calls: string, level = 'info'): Record<string, unknown>[] {
  const program = `
    import { createLogger } from './log.ts';
    const log = createLogger('test', '${level}');
    ${calls}`;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', program], {
    cwd: import.meta.dirname,
    encoding: 'utf8',
  });
  assert.equal(stderr, '');
  return stdout
    .trimEnd()
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}

test('a line is JSON with its time, name and fields, and quieter levels are left out', () => {
  const [line, ...others] = logged(`log.debug('quiet'); log.warn({ delivery_id: 'dlv_1' }, 'loud');`);
  assert.deepEqual(others, []);
  assert.partialDeepStrictEqual(line, { level: 40, name: 'test', delivery_id: 'dlv_1', msg: 'loud' });
  assert.match(String(line?.['time']), /^\d{4}-\d{2}-\d{2}T[\d:.]{12}Z$/);
});

test('reading secrets in the log: they are redacted wherever they stand', () => {
  const lines = logged(`
    log.info({ api_key: 'hunter2', secret: 'hunter2', SECRET_KEY: 'hunter2' });
    log.info({ req: { headers: { authorization: 'Bearer hunter2' } } });
    log.info({ settings: { deep: { deeper: { callback_secret: 'hunter2' } } } });
    log.info({ connections: [{ callbackSecret: 'hunter2' }, [{ previousSecret: 'hunter2' }]] });
    log.info({ query: Object.assign(Object.create(null), { api_key: 'hunter2' }) });`);
  assert.equal(lines.length, 5);
  for (const line of lines) {
    assert.match(JSON.stringify(line), /\[Redacted\]/);
    assert.doesNotMatch(JSON.stringify(line), /hunter2/);
  }
});

test('what is no secret is logged as it was given, and stays as it was', () => {
  const [line] = logged(`
    const fields = { id: 1, nothing: null, list: [1, 'two'], at: new Date(0), inner: { ok: true } };
    log.info({ ...fields, secret: 'hunter2' });`);
  assert.partialDeepStrictEqual(line, {
    id: 1,
    nothing: null,
    list: [1, 'two'],
    at: '1970-01-01T00:00:00.000Z',
    inner: { ok: true },
  });
});

test('an error is logged with its message, code and stack', () => {
  const [line] = logged(`log.error({ err: Object.assign(new Error('broken'), { code: 'EBROKEN' }) });`);
  assert.partialDeepStrictEqual(line, { err: { type: 'Error', message: 'broken', code: 'EBROKEN' } });
  assert.match(JSON.stringify(line), /"stack":"Error: broken/);
});

test('what waits for a reader who does not read is bounded; it ends all the same, and says what was lost', async () => {
  const program = `
    import { createLogger } from './log.ts';
    import { LogOutput } from './log-output.ts';
    const output = new LogOutput();
    const log = createLogger('test', 'info', output);
    for (let n = 0; n < 20_000; n++) log.info({ n }, 'x'.repeat(200));
    process.stderr.write(String(output.lost));
    if (process.argv.includes('goes on')) process.stdin.once('data', () => log.info('the last'));`;
  const start = (...words: string[]) =>
    spawn(process.execPath, ['--input-type=module', '--eval', program, ...words], {
      cwd: import.meta.dirname,
      stdio: ['pipe', 'pipe', 'pipe'],
    });
  const unread = start();
  const [lost] = await Promise.all([text(unread.stderr), once(unread, 'exit')]);
  assert.ok(Number(lost) > 5000, lost);
  const readLate = start('goes on');
  const lostThen = Number(await once(readLate.stderr, 'data'));
  const reader = createInterface(readLate.stdout);
  const lines: Record<string, unknown>[] = [];
  for await (const line of reader) {
    lines.push(JSON.parse(line));
    if (lines.length === 20_000 - lostThen) readLate.stdin.end('go on');
  }
  assert.equal(lines.at(-1)?.['msg'], 'the last');
  // Several, when the pipe took a line in between.
  const told = lines.flatMap((line) => ('lost' in line ? Number(line['lost']) : []));
  assert.ok(told.length > 0);
  assert.equal(
    told.reduce((sum, lost) => sum + lost),
    lostThen,
  );
  assert.equal(lines.length, 20_000 - lostThen + told.length + 1);
});
