import { useQueryClient } from '@tanstack/preact-query';
import type { TargetedSubmitEvent } from 'preact';
import { type Agent, api, type NewAgent } from '../api.ts';
import { announce } from '../parts/announcements.tsx';
import { CodeBlock } from '../parts/copy.tsx';
import { Failure } from '../parts/failure.tsx';
import { useMutation } from '../parts/mutation.ts';
import { KEYS } from '../queries.ts';

/** Where an agent is called, what it is for, and its secret. That registers it again, so it is active then. */
export function ChangeAgent({ agent }: { agent: Agent }) {
  const { framework, label, mode, callback_url } = agent;
  const queries = useQueryClient();
  const change = useMutation({
    mutationFn: (changes: object) =>
      api<NewAgent>('POST', '/agents', { body: { framework, label, mode, ...changes } }),
    onSuccess: () => announce('It is changed.'),
    onSettled: () => queries.invalidateQueries({ queryKey: KEYS.agents }),
    // The secret is shown once, and remembered nowhere.
    gcTime: 0,
  });
  const submit = (event: TargetedSubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    change.mutate(changesIn(new FormData(event.currentTarget), agent));
  };
  // Subscriptions to events are changed by the client that has made them.
  if (mode === 'events') return null;
  const secret = change.data?.callback_secret;
  return (
    <details>
      <summary>{agent.health.state === 'inactive' ? 'Register it again, or change it' : 'Change it'}</summary>
      <form class="narrow" onSubmit={submit}>
        {callback_url !== undefined && (
          <label>
            Its address
            <input type="url" name="callback_url" required defaultValue={callback_url} />
          </label>
        )}
        <Described agent={agent} />
        {callback_url !== undefined && (
          <fieldset>
            <legend>Its callback secret</legend>
            <div class="choices">
              <label>
                <input type="checkbox" name="rotate_secret" />
                Make a new one; the old one is good for another day
              </label>
            </div>
          </fieldset>
        )}
        {change.error && <Failure error={change.error} />}
        <button type="submit" class="main" disabled={change.isPending}>
          Save
        </button>
      </form>
      {secret !== undefined && (
        <>
          <p>Its new callback secret, which is shown only now:</p>
          <CodeBlock text={secret} what="the callback secret" />
        </>
      )}
    </details>
  );
}

function Described({ agent: { description, capabilities, routing_priority } }: { agent: Agent }) {
  return (
    <>
      <label>
        What it is for
        <input name="description" maxLength={500} defaultValue={description ?? ''} autocomplete="off" />
      </label>
      <label>
        What it can do, with commas between
        <input name="capabilities" defaultValue={capabilities.join(', ')} autocomplete="off" />
      </label>
      <label>
        Priority, 0 to 100: of several agents the one with the highest gets a message
        <input
          type="number"
          name="routing_priority"
          min={0}
          max={100}
          required
          defaultValue={String(routing_priority)}
        />
      </label>
    </>
  );
}

function changesIn(form: FormData, { callback_url }: Agent): object {
  const typed = (name: string) => String(form.get(name) ?? '').trim();
  const capabilities = typed('capabilities')
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '');
  return {
    description: typed('description'),
    capabilities,
    routing_priority: Number(typed('routing_priority')),
    ...(callback_url !== undefined && { callback_url: typed('callback_url') }),
    ...(form.has('rotate_secret') && { rotate_secret: true }),
  };
}
