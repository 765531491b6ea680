import type { Policy } from '../api.ts';

const SHOWN: Readonly<Record<Policy['effect'], { shape: string; word: string }>> = {
  allow: { shape: '●', word: 'allow' },
  ask: { shape: '○', word: 'ask me' },
  deny: { shape: '■', word: 'deny' },
};

/** What becomes of a message. */
export function Effect({ effect }: { effect: Policy['effect'] }) {
  const { shape, word } = SHOWN[effect];
  return (
    <span class={`state ${effect}`}>
      <span aria-hidden="true">{shape}</span> {word}
    </span>
  );
}
