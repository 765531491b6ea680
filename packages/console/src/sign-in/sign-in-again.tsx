import { useQueryClient } from '@tanstack/preact-query';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { api, type Profile, whenSignInIsOld } from '../api.ts';
import { FreshLink } from '../operator/fresh-link.tsx';
import { KEYS } from '../queries.ts';
import { ByAgent } from './by-agent.tsx';
import { ByKey } from './by-key.tsx';

/** Asks whoever is signed in to sign in once more, when the API wants that for what they do. */
export function SignInAgain({ me }: { me: Profile }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [answer, setAnswer] = useState<PromiseWithResolvers<boolean>>();
  useEffect(() => {
    // One question, however many requests wait for it.
    let asked: PromiseWithResolvers<boolean> | undefined;
    return whenSignInIsOld(() => {
      if (asked === undefined) {
        const asking = Promise.withResolvers<boolean>();
        asked = asking;
        void asking.promise.then(() => {
          asked = undefined;
        });
        setAnswer(asking);
      }
      return asked.promise;
    });
  }, []);
  useEffect(() => {
    if (answer !== undefined) dialog.current?.showModal();
  }, [answer]);
  const close = (hasSignedIn: boolean) => {
    answer?.resolve(hasSignedIn);
    // So that the focus goes back to where it came from.
    dialog.current?.close();
    setAnswer(undefined);
  };
  const signedIn = async () => {
    if (await isStill(me)) close(true);
  };
  if (answer === undefined) return null;
  return (
    <dialog ref={dialog} aria-labelledby="again-title" onClose={() => close(false)}>
      <h2 id="again-title">Sign in again</h2>
      <p>
        This takes a sign-in of the last ten minutes: whoever finds a browser open must not be able to do it.
      </p>
      <ByAgent username={me.username} signedIn={() => void signedIn()} />
      <ByKey signedIn={() => void signedIn()} />
      <div class="actions">
        <button type="button" onClick={() => close(false)}>
          Not now
        </button>
      </div>
    </dialog>
  );
}

/** Whether the one who has signed in is the one whose page it is. For anybody else the console begins anew. */
async function isStill(me: Profile): Promise<boolean> {
  const now = await api<Profile>('GET', '/auth/me');
  if (now.user_id !== me.user_id) location.assign('/console');
  return now.user_id === me.user_id;
}

/** Over a page whose sign-in has ended: what somebody has written there stays, and goes on when they are back. */
export function SignInEnded({ me }: { me: Profile }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const queries = useQueryClient();
  useLayoutEffect(() => {
    const { current } = dialog;
    current?.showModal();
    return () => current?.close();
  }, []);
  const signedIn = async () => {
    if (!(await isStill(me))) return;
    await queries.refetchQueries({ queryKey: KEYS.me });
    await queries.invalidateQueries();
  };
  return (
    <dialog ref={dialog} aria-labelledby="ended-title" onClose={() => dialog.current?.showModal()}>
      <h2 id="ended-title">Your sign-in has ended</h2>
      <p>Sign in again, and go on where you were.</p>
      {me.operator === true && <FreshLink title="As an operator" signedIn={() => void signedIn()} />}
      <ByAgent username={me.username} signedIn={() => void signedIn()} />
      <ByKey signedIn={() => void signedIn()} />
      <div class="actions">
        <button type="button" onClick={() => location.assign('/console')}>
          Leave this page
        </button>
      </div>
    </dialog>
  );
}
