import { announce } from './announcements.tsx';

/** A button that copies a text. `what` says which, to who does not see what is beside it. */
export function Copy({ text, what }: { text: string; what: string }) {
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      announce('Copied.');
    } catch {
      // Browsers let only pages of https, or of this computer, do it.
      announce('The browser does not let this page copy: select the text.');
    }
  };
  return (
    <button type="button" aria-label={`Copy ${what}`} onClick={() => void copy()}>
      Copy
    </button>
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
