import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { announce } from '../parts/announcements.tsx';

interface StepProps {
  number: number;
  title: string;
  /** What the registry has seen, not what somebody has clicked. */
  isDone: boolean;
  /** Told when it is done while one looks. */
  doneSentence: string;
  children: ComponentChildren;
}

/** One thing to do, with a tick once it is done. */
export function Step({ number, title, isDone, doneSentence, children }: StepProps) {
  const wasDone = useRef(isDone);
  useEffect(() => {
    if (isDone && !wasDone.current) announce(doneSentence);
    wasDone.current = isDone;
  }, [isDone, doneSentence]);
  return (
    <li class={isDone ? 'step done' : 'step'}>
      <span class="tick" aria-hidden="true">
        {isDone ? '✓' : number}
      </span>
      <div>
        <h2>
          {title} {isDone && <span class="state well">– done</span>}
        </h2>
        {children}
      </div>
    </li>
  );
}
