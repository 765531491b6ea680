import { Field, type FieldsProps } from './field.tsx';

/** What a policy looks for: the first of these that a message breaks makes it concern the message. */
export function RuleFields(props: FieldsProps) {
  const { form, mistakes, change } = props;
  const length = (name: 'maxLength' | 'minLength', label: string) => (
    <Field label={label} mistake={mistakes.get(name)}>
      <input
        type="number"
        min={0}
        step={1}
        value={form[name]}
        onInput={({ currentTarget }) => change({ [name]: currentTarget.value })}
      />
    </Field>
  );
  const names = (name: 'blockedRecipients' | 'trustedRecipients', label: string) => (
    <Field
      label={label}
      hint="Usernames, or names of groups, with commas or in lines."
      mistake={mistakes.get(name)}
    >
      <textarea
        rows={2}
        value={form[name]}
        autocapitalize="none"
        spellcheck={false}
        onInput={({ currentTarget }) => change({ [name]: currentTarget.value })}
      />
    </Field>
  );
  return (
    <fieldset>
      <legend>It concerns a message that</legend>
      {mistakes.has('policy_content') && <p class="mistake">The policy {mistakes.get('policy_content')}.</p>}
      <Patterns {...props} name="blockedPatterns" label="matches" />
      <Patterns {...props} name="requiredPatterns" label="does not match" />
      {length('maxLength', 'is longer than (characters)')}
      {length('minLength', 'is shorter than (characters)')}
      <div class="choices">
        <label>
          <input
            type="checkbox"
            checked={form.requireContext}
            onChange={({ currentTarget }) => change({ requireContext: currentTarget.checked })}
          />
          has no context
        </label>
      </div>
      {names('blockedRecipients', 'goes to one of')}
      {names('trustedRecipients', 'goes to anybody but')}
      <p class="fine">Without any of these it concerns every message.</p>
    </fieldset>
  );
}

interface PatternsProps extends FieldsProps {
  name: 'blockedPatterns' | 'requiredPatterns';
  label: string;
}

/** Regular expressions, each in a line of its own. */
function Patterns({ form, mistakes, change, name, label }: PatternsProps) {
  const patterns = form[name];
  const set = (index: number, pattern: string) => change({ [name]: patterns.with(index, pattern) });
  return (
    <div class="patterns">
      <span>{label} a pattern</span>
      {patterns.map((pattern, index) => (
        <div key={index}>
          <input
            aria-label={`${label} pattern ${index + 1}`}
            aria-invalid={mistakes.has(`${name}.${index}`)}
            value={pattern}
            maxLength={200}
            placeholder="regular expression, such as \bpassword\b"
            autocomplete="off"
            autocapitalize="none"
            spellcheck={false}
            onInput={({ currentTarget }) => set(index, currentTarget.value)}
          />
          <button
            type="button"
            aria-label={`Remove: ${label} pattern ${index + 1}`}
            onClick={() => change({ [name]: patterns.toSpliced(index, 1) })}
          >
            Remove
          </button>
          {mistakes.has(`${name}.${index}`) && (
            <span class="mistake" role="alert">
              It {mistakes.get(`${name}.${index}`)}.
            </span>
          )}
        </div>
      ))}
      <button
        type="button"
        disabled={patterns.length >= 50}
        aria-label={`Add a pattern: ${label}`}
        onClick={() => change({ [name]: [...patterns, ''] })}
      >
        Add a pattern
      </button>
    </div>
  );
}
