import { useEffect, useState } from 'preact/hooks';

const SHOWN_MS = 8000;
let show: (sentence: string) => void = () => {};

/** Tells a person what has become of what they did: on the page, and to a screen reader. */
export function announce(sentence: string): void {
  show(sentence);
}

/** Where it is told. */
export function Announcements() {
  const [sentence, setSentence] = useState('');
  useEffect(() => {
    show = setSentence;
    return () => {
      show = () => {};
    };
  }, []);
  useEffect(() => {
    if (sentence === '') return undefined;
    const timer = setTimeout(() => setSentence(''), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [sentence]);
  return (
    <p role="status" class={sentence === '' ? 'announcement' : 'announcement shown'}>
      {sentence}
    </p>
  );
}
