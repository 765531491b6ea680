import { useEffect, useRef } from 'preact/hooks';
import type { NewKey } from '../api.ts';
import { CodeBlock } from '../parts/copy.tsx';
import { Text } from '../parts/page.tsx';

interface MadeKeyProps {
  made: NewKey;
  /** When its person has it elsewhere. */
  forget: () => void;
}

/** A key that was just made, which nobody can show again. */
export function MadeKey({ made: { name, api_key }, forget }: MadeKeyProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  return (
    <div class="card">
      <h3 ref={heading} tabIndex={-1}>
        The key “<Text>{name}</Text>”
      </h3>
      <p>It is shown this once: put it where your agent looks for it.</p>
      <CodeBlock text={api_key} what="the new key" />
      <div class="actions">
        <button type="button" onClick={forget}>
          I have it
        </button>
      </div>
    </div>
  );
}
