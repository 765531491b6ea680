import { useEffect, useState } from 'preact/hooks';

const SHOWN_MS = 8000;
/** Each sentence is a thing of its own: the same one may be told twice. */
interface Told {
  sentence: string;
}
type Place = (told: Told) => void;

/** The last one is on top: in a dialog that covers the page, and from which nothing of the page is heard. */
let places: readonly Place[] = [];

/** Tells a person what has become of what they did: on the page, and to a screen reader. */
export function announce(sentence: string): void {
  places.at(-1)?.({ sentence });
}

/** Where it is told. */
export function Announcements() {
  const [told, setTold] = useState<Told>();
  useEffect(() => {
    places = [...places, setTold];
    return () => {
      places = places.filter((place) => place !== setTold);
    };
  }, []);
  useEffect(() => {
    if (told === undefined) return undefined;
    const timer = setTimeout(() => setTold(undefined), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [told]);
  return (
    <p role="status" class={told === undefined ? 'announcement' : 'announcement shown'}>
      {told?.sentence}
    </p>
  );
}
