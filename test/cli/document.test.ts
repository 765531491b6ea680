import assert from 'node:assert/strict';
import { test } from 'node:test';
import { textOf } from '../documents/markdown.ts';
import { Terminal } from './terminal.ts';

const PAGE = textOf('docs/cli.md');

async function printed(...words: string[]): Promise<string> {
  using terminal = new Terminal();
  return terminal.ok(words);
}

test('the page has every command and every exit code, in the words of the help', async () => {
  const help = await printed('help');
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

test('the help of a command has its options and an example', async () => {
  for (const words of [['send'], ['hook', 'claude']])
    assert.match(await printed(...words, '--help'), /--w[\s\S]*--json[\s\S]*\nExample:\n {2}\$ .*mahilo/);
});
