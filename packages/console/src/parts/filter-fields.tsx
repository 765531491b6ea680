import type { TargetedSubmitEvent } from 'preact';
import { useFilters } from './filters.ts';

interface ChoiceProps {
  /** Of the parameter in the address. */
  name: string;
  label: string;
  /** Its values, and what people read; the empty value leaves it out. */
  options: readonly (readonly [value: string, word: string])[];
}

/** A filter of a few values. */
export function Choice({ name, label, options }: ChoiceProps) {
  const { query, filter } = useFilters();
  const value = query[name] ?? '';
  const isKnown = options.some(([one]) => one === value);
  return (
    <label>
      {label}
      <select
        value={value}
        onChange={({ currentTarget }) => filter({ [name]: currentTarget.value || undefined })}
      >
        {options.map(([one, word]) => (
          <option key={one} value={one}>
            {word}
          </option>
        ))}
        {!isKnown && <option value={value}>{value}</option>}
      </select>
    </label>
  );
}

interface WrittenProps {
  name: string;
  label: string;
  placeholder?: string;
  /** What the browser offers. */
  list?: readonly string[];
  /** What else follows from it. */
  follows?: (text: string | undefined) => Readonly<Record<string, string | undefined>>;
  /** The lists that begin anew, as the address names them, where a page has several. */
  lists?: readonly string[];
}

/** A filter of a text; it counts when it is left, or with Enter. */
export function Written({ name, label, placeholder, list, follows, lists = [] }: WrittenProps) {
  const { query, filter } = useFilters();
  const value = query[name] ?? '';
  const take = (text: string) => {
    const written = text.trim() || undefined;
    const anew = Object.fromEntries(lists.map((one) => [one, undefined]));
    if ((written ?? '') !== value) filter({ ...anew, [name]: written, ...follows?.(written) });
  };
  const submit = (event: TargetedSubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    take(String(new FormData(event.currentTarget).get(name)));
  };
  return (
    <form onSubmit={submit}>
      <label>
        {label}
        <input
          // Another value comes with the address.
          key={value}
          name={name}
          defaultValue={value}
          placeholder={placeholder}
          list={list && `${name}-list`}
          autocomplete="off"
          spellcheck={false}
          onBlur={({ currentTarget }) => take(currentTarget.value)}
        />
      </label>
      {list && (
        <datalist id={`${name}-list`}>
          {list.map((one) => (
            <option key={one} value={one} />
          ))}
        </datalist>
      )}
    </form>
  );
}
