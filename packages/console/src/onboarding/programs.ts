import callbackGo from './programs/callback.go?raw';
import callbackNode from './programs/callback.mjs?raw';
import callbackPython from './programs/callback.py?raw';
import pollingGo from './programs/polling.go?raw';
import pollingNode from './programs/polling.mjs?raw';
import pollingPython from './programs/polling.py?raw';
import pollingShell from './programs/polling.sh?raw';

/** What a program needs to know. */
export interface Filling {
  /** Where the registry is. */
  origin: string;
  key: string;
  /** Of callbacks. */
  secret: string;
  port: number;
}

interface Program {
  text: string;
  file: string;
  /** What runs a file. */
  command: string;
}

/** Programs of agents that fetch their messages, by what they are written in. */
const POLLING = {
  curl: { text: pollingShell, file: 'mahilo-agent.sh', command: 'sh' },
  node: { text: pollingNode, file: 'mahilo-agent.mjs', command: 'node' },
  python: { text: pollingPython, file: 'mahilo-agent.py', command: 'python3' },
  go: { text: pollingGo, file: 'mahilo-agent.go', command: 'go run' },
} as const satisfies Readonly<Record<string, Program>>;

/** Programs of agents that take callbacks. */
const CALLBACK = {
  node: { text: callbackNode, file: 'mahilo-agent.mjs', command: 'node' },
  python: { text: callbackPython, file: 'mahilo-agent.py', command: 'python3' },
  go: { text: callbackGo, file: 'mahilo-agent.go', command: 'go run' },
} as const satisfies Readonly<Record<string, Program>>;

/** Ways to bring an agent in that fetches its messages. */
export const POLLING_WAYS = [
  ['curl', 'curl'],
  ['node', 'Node'],
  ['python', 'Python'],
  ['go', 'Go'],
  ['claude', 'Claude Code'],
  ['mcp', 'MCP'],
] as const;
export type PollingWay = (typeof POLLING_WAYS)[number][0];

/** Ways to bring one in that is called. */
export const CALLBACK_WAYS = [
  ['node', 'Node'],
  ['python', 'Python'],
  ['go', 'Go'],
] as const;
export type CallbackWay = (typeof CALLBACK_WAYS)[number][0];

/** Whether it is the host of a model that speaks MCP, and no program of its own. */
export function isHost(way: PollingWay): way is 'claude' | 'mcp' {
  return way === 'claude' || way === 'mcp';
}

/** What one pastes into a terminal, or into a host's configuration. */
export function pollingText(way: PollingWay, filling: Filling): string {
  return isHost(way) ? hostText(way, filling) : pasted(POLLING[way], filling);
}

export function callbackText(way: CallbackWay, filling: Filling): string {
  return pasted(CALLBACK[way], filling);
}

/** Writes the program to a file that only its owner reads, since it has the key in it, and runs it. */
function pasted({ text, file, command }: Program, filling: Filling): string {
  return `(umask 077 && cat > ${file}) <<'END_OF_AGENT'\n${filled(text, filling)}END_OF_AGENT\n${command} ${file}\n`;
}

function filled(text: string, { origin, key, secret, port }: Filling): string {
  return text
    .replaceAll('REGISTRY_ORIGIN', origin)
    .replaceAll('AGENT_KEY', key)
    .replaceAll('CALLBACK_SECRET', secret)
    .replaceAll('CALLBACK_PORT', String(port));
}

function hostText(way: 'claude' | 'mcp', { origin, key }: Filling): string {
  const url = `${origin}/mcp`;
  const authorization = `Bearer ${key}`;
  if (way === 'claude') {
    return `claude mcp add --transport http mahilo ${url} --header "Authorization: ${authorization}"\n`;
  }
  const mahilo = { type: 'http', url, headers: { Authorization: authorization } };
  return `${JSON.stringify({ mcpServers: { mahilo } }, undefined, 2)}\n`;
}
