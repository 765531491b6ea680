import type { TargetedSubmitEvent } from 'preact';
import { useState } from 'preact/hooks';
import { Failure } from '../parts/failure.tsx';

/** How an agent gets its messages, as its owner says it. */
const REACHES = [
  ['polling', 'It fetches them', 'A laptop, a script, anything behind a firewall: it needs no address.'],
  ['callback', 'It is called', 'It runs all the time, and has an https address of its own.'],
  ['mcp', 'It is a host that speaks MCP', 'Claude Code, Cursor, VS Code, Codex, Gemini CLI.'],
] as const;
export type Reach = (typeof REACHES)[number][0];

/** What becomes `POST /agents`. */
export interface Described {
  reach: Reach;
  framework: string;
  label: string;
  callbackUrl: string;
}

interface ReachFormProps {
  connect: (described: Described) => void;
  isBusy: boolean;
  error: Error | null;
}

/** Asks how the agent is reached, and what it is called. */
export function ReachForm({ connect, isBusy, error }: ReachFormProps) {
  const [reach, setReach] = useState<Reach>('polling');
  const submit = (event: TargetedSubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const typed = (name: string) => String(form.get(name) ?? '').trim();
    connect({
      reach,
      framework: reach === 'mcp' ? 'mcp' : typed('framework'),
      label: typed('label'),
      callbackUrl: typed('callback_url'),
    });
  };
  return (
    <form onSubmit={submit}>
      <fieldset>
        <legend>How do messages get to it?</legend>
        {REACHES.map(([name, words, more]) => (
          <label key={name} class="choice">
            <input
              type="radio"
              name="reach"
              value={name}
              checked={reach === name}
              onChange={() => setReach(name)}
            />
            <span>
              {words}
              <span class="fine">{more}</span>
            </span>
          </label>
        ))}
      </fieldset>
      {reach === 'callback' && (
        <label>
          Its address
          <input type="url" name="callback_url" required placeholder="https://agent.example/callback" />
        </label>
      )}
      <div class="pair">
        <label>
          Its name
          <input name="label" required maxLength={50} placeholder="laptop" autocomplete="off" />
        </label>
        {reach !== 'mcp' && (
          <label>
            What it is made with
            <input name="framework" required maxLength={50} defaultValue="script" autocomplete="off" />
          </label>
        )}
      </div>
      {error && <Failure error={error} />}
      <button type="submit" class="main" disabled={isBusy}>
        Connect it
      </button>
    </form>
  );
}
