import { useMutation, useQueryClient } from '@tanstack/preact-query';
import { useRef } from 'preact/hooks';
import { useLocation } from 'preact-iso/router';
import { type Agent, api } from '../api.ts';
import { announce } from '../parts/announcements.tsx';
import { Text } from '../parts/page.tsx';
import { KEYS } from '../queries.ts';

/** Deletes an agent, once its owner has read what goes with it. */
export function DeleteAgent({ agent }: { agent: Agent }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const queries = useQueryClient();
  const { route } = useLocation();
  const remove = useMutation({
    mutationFn: () => api('DELETE', `/agents/${agent.id}`),
    onSuccess: () => {
      announce(`${agent.label} is deleted.`);
      route('/console/agents');
    },
    onError: (error) => announce(error.message),
    onSettled: () => {
      dialog.current?.close();
      return queries.invalidateQueries({ queryKey: KEYS.agents });
    },
  });
  const { waiting } = agent.health;
  return (
    <>
      <button type="button" class="danger" onClick={() => dialog.current?.showModal()}>
        Delete …
      </button>
      <dialog ref={dialog} aria-labelledby="delete-title">
        <h2 id="delete-title">
          Delete <Text>{agent.label}</Text>?
        </h2>
        <p>
          {waiting === 0
            ? 'Nothing waits for it.'
            : `${waiting === 1 ? 'One delivery waits' : `${waiting} deliveries wait`} for it and will be cancelled.`}{' '}
          Its keys end. Its history stays.
        </p>
        <div class="actions">
          <button type="button" onClick={() => dialog.current?.close()}>
            Keep it
          </button>
          <button type="button" class="danger" disabled={remove.isPending} onClick={() => remove.mutate()}>
            Delete it
          </button>
        </div>
      </dialog>
    </>
  );
}
