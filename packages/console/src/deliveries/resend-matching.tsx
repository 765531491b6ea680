import { useQueryClient } from '@tanstack/preact-query';
import { useRef, useState } from 'preact/hooks';
import { announce } from '../parts/announcements.tsx';
import { Failure } from '../parts/failure.tsx';
import { KEYS } from '../queries.ts';
import type { DeliveryQuery } from './queries.ts';
import { type Counted, MOST, sendAgain } from './send-again.ts';

type Step =
  | { at: 'counting' }
  | { at: 'asking'; counted: Counted }
  | { at: 'sending'; of: number; sent: number }
  | { at: 'failed'; error: Error };

/** Sends all dead letters again that match, once their number was seen. */
export function ResendMatching({ query }: { query: DeliveryQuery }) {
  const queries = useQueryClient();
  const dialog = useRef<HTMLDialogElement>(null);
  const over = useRef(new AbortController());
  const [step, setStep] = useState<Step>({ at: 'counting' });
  const close = () => dialog.current?.close();

  const attempt = async (work: (signal: AbortSignal) => Promise<void>) => {
    over.current = new AbortController();
    const { signal } = over.current;
    await work(signal).catch((error: Error) => {
      if (!signal.aborted) setStep({ at: 'failed', error });
    });
  };
  const count = () =>
    attempt(async (signal) => {
      setStep({ at: 'counting' });
      dialog.current?.showModal();
      const counted = await sendAgain(query, { isDryRun: true, signal });
      setStep({ at: 'asking', counted });
    });
  const send = (of: number) =>
    attempt(async (signal) => {
      setStep({ at: 'sending', of, sent: 0 });
      try {
        const onPiece = (sent: number) => setStep({ at: 'sending', of, sent });
        const { requeued } = await sendAgain(query, { isDryRun: false, signal, onPiece });
        close();
        announce(`${number(requeued)} ${requeued === 1 ? 'goes' : 'go'} out again.`);
      } finally {
        for (const name of ['deliveries', 'agents', 'threads'] as const) {
          void queries.invalidateQueries({ queryKey: KEYS[name] });
        }
      }
    });

  return (
    <>
      <p class="actions">
        <button type="button" onClick={count}>
          Resend all that match …
        </button>
      </p>
      <dialog ref={dialog} aria-labelledby="resend-title" onClose={() => over.current.abort()}>
        <h2 id="resend-title">Resend dead letters</h2>
        {step.at === 'counting' && <p role="status">Counting …</p>}
        {step.at === 'asking' && <Ask counted={step.counted} close={close} send={send} />}
        {step.at === 'sending' && (
          <>
            <p role="status">
              {number(step.sent)} of {number(step.of)} sent again …
            </p>
            <progress value={step.sent} max={step.of} aria-label="Sent again" />
            <div class="actions">
              <button type="button" onClick={close}>
                Stop here
              </button>
            </div>
          </>
        )}
        {step.at === 'failed' && (
          <>
            <Failure error={step.error} />
            <div class="actions">
              <button type="button" onClick={close}>
                Close
              </button>
            </div>
          </>
        )}
      </dialog>
    </>
  );
}

const number = (count: number) => count.toLocaleString('en');

interface AskProps {
  counted: Counted;
  close: () => void;
  send: (of: number) => void;
}

function Ask({ counted: { matched, resendable, hasMore }, close, send }: AskProps) {
  const left = matched - resendable;
  return (
    <>
      <p>
        {hasMore && `More than ${number(MOST)} match; here are the latest. `}
        {matched === 1 ? 'One dead letter matches.' : `${number(matched)} dead letters match.`}{' '}
        {left > 0 &&
          `${number(left)} of them cannot go out: the agent is gone, or its owner is no friend any more. `}
        {resendable > 0 && 'Each gets a fresh cycle of attempts. This cannot be undone.'}
      </p>
      <div class="actions">
        <button type="button" onClick={close}>
          Leave them
        </button>
        {resendable > 0 && (
          <button type="button" class="main" onClick={() => send(resendable)}>
            Resend {number(resendable)}
          </button>
        )}
      </div>
    </>
  );
}
