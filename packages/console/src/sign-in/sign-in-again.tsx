import { useEffect, useRef, useState } from 'preact/hooks';
import { api, type Profile, whenSignInIsOld } from '../api.ts';
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
    const now = await api<Profile>('GET', '/auth/me');
    // What the page shows is somebody else's.
    if (now.user_id !== me.user_id) location.assign('/console');
    else close(true);
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
