import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { textOf } from '../documents/markdown.ts';
import { MAHILO } from './terminal.ts';

const PAGE = textOf('docs/cli.md');
const helpOf = (...words: string[]) =>
  spawnSync(process.execPath, [MAHILO, 'help', ...words], { encoding: 'utf8' }).stdout;

test('the page has every command and every exit code, in the words of the help', () => {
  const help = helpOf();
  const [, commands = ''] = /\nCommands:\n([\s\S]*?)\n\n/.exec(help) ?? [];
  const rows = [...PAGE.matchAll(/^\| `mahilo (.+?)` \| (.+)\. \|$/gm)];
  assert.equal(rows.length, commands.match(/^ {2}\S/gm)?.length);
  const words = commands.replaceAll(' [options]', '').replace(/\s+/g, ' ').toLowerCase();
  for (const [, usage = '', description = ''] of rows)
    assert.ok(words.includes(`${usage} ${description}`.toLowerCase()), `${usage}: ${words}`);

  const [, codes = ''] = /\nExit codes:\n([\s\S]*)$/.exec(help) ?? [];
  const listed = [...PAGE.matchAll(/^\| (\d) \| (.+) \|$/gm)].map(
    ([, code, meaning]) => `  ${code}  ${meaning}`,
  );
  assert.equal(listed.join('\n'), codes.trimEnd());
});

test('the help of a command has its options and an example', () => {
  for (const words of [['send'], ['hook', 'claude']])
    assert.match(
      spawnSync(process.execPath, [MAHILO, ...words, '--help'], { encoding: 'utf8' }).stdout,
      /--w[\s\S]*--json[\s\S]*\nExample:\n {2}\$ .*mahilo/,
    );
});
