import { useQueryClient } from '@tanstack/preact-query';
import type { TargetedSubmitEvent } from 'preact';
import { useRef, useState } from 'preact/hooks';
import { useLocation, useRoute } from 'preact-iso/router';
import { ApiError, api, type Policy } from '../api.ts';
import { announce } from '../parts/announcements.tsx';
import { Failure } from '../parts/failure.tsx';
import { Loaded } from '../parts/loaded.tsx';
import { useMutation } from '../parts/mutation.ts';
import { Page } from '../parts/page.tsx';
import { KEYS } from '../queries.ts';
import { draftOf, type FormState, formOf, NEW, tidied } from './form-state.ts';
import { PolicyFields } from './policy-fields.tsx';
import { usePolicy } from './queries.ts';
import { Sample } from './sample.tsx';
import { Tester } from './tester.tsx';

/** Writes a new policy. */
export function NewPolicyPage() {
  return <Editor title="Write a policy" stored={undefined} />;
}

/** Changes a policy. */
export function PolicyPage() {
  const { id = '' } = useRoute().params;
  const policy = usePolicy(id);
  if (policy.error instanceof ApiError && policy.error.status === 404) return <NoPolicy />;
  return (
    <Loaded query={policy}>{(stored) => <Editor key={id} title="Change a policy" stored={stored} />}</Loaded>
  );
}

function NoPolicy() {
  return (
    <Page title="No such policy">
      <p>
        You have no policy with this id, or not any more. <a href="/console/policies">All policies</a>
      </p>
    </Page>
  );
}

function Editor({ title, stored }: { title: string; stored: Policy | undefined }) {
  const [form, setForm] = useState<FormState>(() => (stored === undefined ? NEW : formOf(stored)));
  const [mistakes, setMistakes] = useState<ReadonlyMap<string, string>>(new Map());
  const place = useRef<HTMLFormElement>(null);
  const onError = (error: Error | null) => setMistakes(mistakesIn(error));
  const save = useSave(stored, onError);
  const draft = () => {
    setForm(tidied(form));
    return draftOf(form, stored);
  };
  const submit = (event: TargetedSubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    save.mutate({ ...draft(), ...(stored === undefined && { enabled: true }) });
  };
  return (
    <Page title={title}>
      <div class="split">
        <form ref={place} onSubmit={submit}>
          <PolicyFields
            form={form}
            mistakes={mistakes}
            stored={stored}
            change={(changes) => {
              setForm({ ...form, ...changes });
              save.reset();
            }}
          />
          {save.error && <Failure error={save.error} />}
          <div class="actions">
            <button type="submit" class="main" disabled={save.isPending}>
              Save
            </button>
            {stored === undefined && (
              <button
                type="button"
                disabled={save.isPending}
                onClick={() => place.current?.reportValidity() && save.mutate({ ...draft(), enabled: false })}
              >
                Save, switched off
              </button>
            )}
            <a class="button" href="/console/policies">
              Do not save
            </a>
          </div>
          <details>
            <summary>As JSON, for agents and scripts</summary>
            <pre>{JSON.stringify(draftOf(form, stored), undefined, 2)}</pre>
          </details>
        </form>
        {!form.isPrompt && (
          <div>
            <Tester draft={draft} replaces={stored?.id} onError={onError} />
            <Sample draft={draft} onError={onError} />
          </div>
        )}
      </div>
    </Page>
  );
}

/** Stores what was written, and goes back to the others. */
function useSave(stored: Policy | undefined, onError: (error: Error | null) => void) {
  const queries = useQueryClient();
  const { route } = useLocation();
  return useMutation({
    mutationFn: ({ scope, target_id, ...terms }: ReturnType<typeof draftOf>) =>
      stored === undefined
        ? api('POST', '/policies', { body: { scope, target_id, ...terms } })
        : api('PATCH', `/policies/${stored.id}`, { body: terms }),
    onSuccess: async () => {
      announce('The policy is saved.');
      await queries.invalidateQueries({ queryKey: KEYS.policies });
      route('/console/policies');
    },
    onSettled: (_, error) => onError(error),
  });
}

/** What is wrong with each field, by its place in the policy. */
function mistakesIn(error: Error | null): ReadonlyMap<string, string> {
  const details = error instanceof ApiError ? error.details : [];
  return new Map(
    details.map(({ path, message }) => [path.replace(/^(draft\.)?(policy_content\.)?/, ''), message]),
  );
}
