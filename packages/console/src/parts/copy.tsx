import { useEffect, useState } from 'preact/hooks';

/** How long (ms) it says that it has copied. */
const SAID_MS = 4000;

/** A button that copies a text. `what` says which, to who does not see what is beside it. */
export function Copy({ text, what }: { text: string; what: string }) {
  const [said, setSaid] = useState('');
  useEffect(() => {
    const timer = setTimeout(() => setSaid(''), SAID_MS);
    return () => clearTimeout(timer);
  }, [said]);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setSaid('Copied.');
    } catch {
      // Browsers let only pages of https, or of this computer, do it.
      setSaid('The browser does not let this page copy: select the text.');
    }
  };
  return (
    <span class="copy">
      <button type="button" aria-label={`Copy ${what}`} onClick={() => void copy()}>
        Copy
      </button>
      {/* Here, since a dialog covers what is told at the edge of the page. */}
      <span role="status" class="fine">
        {said}
      </span>
    </span>
  );
}

/** What a person takes with them: a program, a key. */
export function CodeBlock({ text, what }: { text: string; what: string }) {
  return (
    <div class="code-block">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: who has no mouse scrolls it by the keyboard */}
      <section aria-label={what} tabIndex={0}>
        <pre>
          <code>{text}</code>
        </pre>
      </section>
      <Copy text={text} what={what} />
    </div>
  );
}
