import { type Agent, api, type NewAgent } from '../api.ts';
import { CodeBlock } from '../parts/copy.tsx';
import { Failure } from '../parts/failure.tsx';
import { useMutation } from '../parts/mutation.ts';
import type { Shown } from './shown.ts';

interface SecretsProps {
  agent: Agent;
  shown: Shown;
  show: (more: Shown) => void;
  hasKey: boolean;
  makeKey: () => void;
  isMaking: boolean;
  keyError: Error | null;
}

/** The key with which the agent asks, and the secret with which it is called. Each is shown once. */
export function Secrets({ agent, shown, show, hasKey, makeKey, isMaking, keyError }: SecretsProps) {
  return (
    <>
      {shown.key !== undefined && (
        <>
          <p>For this agent alone, and shown only now. The program below has it already.</p>
          <CodeBlock text={shown.key} what="the key of the agent" />
        </>
      )}
      {keyError && <Failure error={keyError} />}
      {shown.key === undefined && (
        <>
          <p>
            {hasKey
              ? 'It has a key, which was shown once. If you have not kept it, make another one; what you know of the old one you can revoke in the settings.'
              : 'It needs a key of its own: where that gets lost, your other agents are safe.'}
          </p>
          <button type="button" disabled={isMaking} onClick={makeKey}>
            {hasKey ? 'Make another key' : 'Make its key'}
          </button>
        </>
      )}
      {agent.callback_url !== undefined && <CallbackSecret agent={agent} shown={shown} show={show} />}
    </>
  );
}

function CallbackSecret({ agent, shown, show }: Pick<SecretsProps, 'agent' | 'shown' | 'show'>) {
  const { framework, label, callback_url } = agent;
  const rotate = useMutation({
    mutationFn: () =>
      api<NewAgent>('POST', '/agents', {
        body: { framework, label, mode: 'callback', callback_url, rotate_secret: true },
      }),
    onSuccess: ({ callback_secret }) => {
      if (callback_secret !== undefined) show({ callbackSecret: callback_secret });
    },
    gcTime: 0,
  });
  if (shown.callbackSecret !== undefined) {
    return (
      <>
        <p>By this secret it knows that a callback comes from here. It is shown only now, too.</p>
        <CodeBlock text={shown.callbackSecret} what="the callback secret" />
      </>
    );
  }
  return (
    <>
      <p>By its callback secret it knows what comes from here. That was shown once.</p>
      {rotate.error && <Failure error={rotate.error} />}
      <button type="button" disabled={rotate.isPending} onClick={() => rotate.mutate()}>
        Make a new secret
      </button>
    </>
  );
}
