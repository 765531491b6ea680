/**
 * A piece of HTML. Texts become one by {@link text} or {@link prose}, which escape what is not ours. `dt` and `dd` have no
 * closing tags, which HTML does not need, since the page has thousands of them.
 */
export type Html = string;

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** A text as it is. */
export function text(plain: string): Html {
  return plain.replace(/[&<>"]/g, (character) => ESCAPES[character] ?? '');
}

/** A line with `code` and **bold** in it. */
export function line(markdown: string): Html {
  return text(markdown)
    .replace(/`([^`]+)`/g, '<code>$1</code>')
    .replace(/\*\*([^*]+)\*\*/g, '<strong>$1</strong>');
}

/** Paragraphs and lists, of the little Markdown that descriptions have. */
export function prose(markdown: string): Html {
  return markdown
    .split(/\n\n/)
    .map((block) => {
      if (!block.startsWith('- ')) return `<p>${line(block)}</p>`;
      const items = block.split(/\n(?=- )/).map((item) => `<li>${line(item.slice(2))}</li>`);
      return `<ul>${items.join('')}</ul>`;
    })
    .join('');
}
