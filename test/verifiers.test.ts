import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { signatureHeaders, signingSecret } from '@mahilo/shared/callback/sign';
import { Webhook } from 'standardwebhooks';
import { codeBlocks, fileIn, section, textOf } from './documents/markdown.ts';
import { TemporaryDirectory } from './documents/temporary-directory.ts';

const GUIDE = section(textOf('docs/agents.md'), '## Receive a callback');
const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const now = () => Math.floor(Date.now() / 1000);

/** The arguments of a verifier, in JSON: secret, headers and body. */
type Question = [secret: string, headers: Record<string, string>, body: string];

/** How a language runs the guide's function, on a question in the first argument; it prints `true` or `false`. */
interface Language {
  /** Fails where the language is not installed. */
  probe: readonly string[];
  files: Readonly<Record<string, string>>;
  command: readonly string[];
}

const block = (language: string) => codeBlocks(GUIDE, language)[0] ?? '';

const LANGUAGES: Readonly<Record<string, Language>> = {
  JavaScript: {
    probe: [process.execPath, '--version'],
    files: {
      'verify.mjs': fileIn(GUIDE, 'verify.mjs'),
      'main.mjs': `import { isGenuine } from './verify.mjs';
        console.log(isGenuine(...JSON.parse(process.argv[2])));`,
    },
    command: [process.execPath, 'main.mjs'],
  },
  Python: {
    probe: ['python3', '--version'],
    files: {
      'main.py': `${block('python')}
import json, sys
secret, headers, body = json.loads(sys.argv[1])
print(str(is_genuine(secret, headers, body.encode())).lower())
`,
    },
    command: ['python3', 'main.py'],
  },
  Go: {
    probe: ['go', 'version'],
    files: {
      'go.mod': 'module verify\n',
      'verify.go': block('go').replace('package callback', 'package main'),
      'main.go': `package main
import ("encoding/json"; "fmt"; "net/http"; "os")
func main() {
  var question []json.RawMessage
  var secret, body string
  var headers map[string]string
  json.Unmarshal([]byte(os.Args[1]), &question)
  json.Unmarshal(question[0], &secret)
  json.Unmarshal(question[1], &headers)
  json.Unmarshal(question[2], &body)
  header := http.Header{}
  for name, value := range headers { header.Set(name, value) }
  fmt.Println(IsGenuine(secret, header, []byte(body)))
}
`,
    },
    command: ['go', 'run', '.'],
  },
  Ruby: {
    probe: ['ruby', '--version'],
    files: {
      'main.rb': `${block('ruby')}
require "json"
secret, headers, body = JSON.parse(ARGV[0])
puts genuine?(secret, headers, body.b)
`,
    },
    command: ['ruby', 'main.rb'],
  },
  PHP: {
    probe: ['php', '--version'],
    files: {
      'main.php': `${block('php')}
[$secret, $headers, $body] = json_decode($argv[1], true);
echo isGenuine($secret, $headers, $body) ? "true" : "false";
`,
    },
    command: ['php', 'main.php'],
  },
};

function signed(message: string, timestamp = now()): Question {
  const body = JSON.stringify({ message });
  const headers = signatureHeaders({
    secret: signingSecret(SECRET),
    previousSecret: undefined,
    webhookId: 'msg_1',
    timestamp,
    body: Buffer.from(body),
  });
  const received = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]);
  return [SECRET, Object.fromEntries(received), body];
}

/** Callbacks of every kind, and whether they are genuine. */
function questions(): [what: string, Question, isGenuine: boolean][] {
  const [secret, headers, body] = signed('Grüße, 世界 🌍');
  return [
    ['a genuine one', [secret, headers, body], true],
    ['a changed body', [secret, headers, body.replace('Grüße', 'Gruesse')], false],
    ['another secret', [`${secret}x`, headers, body], false],
    ['another signature', [secret, { ...headers, 'x-mahilo-signature': 'sha256=00' }, body], false],
    ['no signature', [secret, {}, body], false],
    ['a timestamp that is none', [secret, { ...headers, 'x-mahilo-timestamp': 'now' }, body], false],
    ['an old one', signed('replayed', now() - 301), false],
    ['one from the future', signed('too early', now() + 330), false],
  ];
}

for (const [name, { probe, files, command }] of Object.entries(LANGUAGES)) {
  test(`the ${name} in the guide tells a genuine callback from every other`, (t) => {
    if (run(probe).status !== 0) return t.skip(`There is no ${name} here.`);
    using directory = new TemporaryDirectory();
    for (const [file, code] of Object.entries(files)) writeFileSync(join(directory.path, file), code);
    for (const [what, question, isGenuine] of questions()) {
      const { stdout, stderr } = run([...command, JSON.stringify(question)], directory.path);
      assert.equal(stdout.trim(), String(isGenuine), `${what}: ${stderr}`);
    }
  });
}

test('the Standard Webhooks library takes what the guide says', () => {
  for (const [what, [secret, headers, body], isGenuine] of questions()) {
    if (!('webhook-signature' in headers) || what.includes('signature') || what.includes('timestamp'))
      continue;
    const verify = () => new Webhook(secret).verify(body, headers);
    if (isGenuine) assert.deepEqual(verify(), JSON.parse(body));
    else assert.throws(verify, what);
  }
});

function run(command: readonly string[], cwd?: string) {
  const [program = '', ...programArguments] = command;
  return spawnSync(program, programArguments, { encoding: 'utf8', ...(cwd !== undefined && { cwd }) });
}
