import type { Policy } from '../api.ts';
import { ROLES } from '../friends/roles.ts';
import { useFriends, useGroups } from '../queries.ts';
import { Field, type FieldsProps } from './field.tsx';
import { targetNameOf } from './queries.ts';
import { RuleFields } from './rule-fields.tsx';

const EFFECTS: readonly (readonly [effect: Policy['effect'], word: string])[] = [
  ['deny', 'is not sent'],
  ['ask', 'is held until I decide'],
  ['allow', 'is sent'],
];
const SCOPES: readonly (readonly [scope: Policy['scope'], word: string])[] = [
  ['global', 'everybody'],
  ['user', 'one person'],
  ['role', 'friends with a role'],
  ['group', 'a group that I run'],
];

/** All that a policy says. */
export function PolicyFields(props: FieldsProps & { stored: Policy | undefined }) {
  const { form, mistakes, change, stored } = props;
  return (
    <>
      {stored === undefined ? <Scope {...props} /> : <For policy={stored} />}
      <Choice
        legend="A message that it concerns"
        name="effect"
        options={EFFECTS}
        value={form.effect}
        onChoose={(effect) => change({ effect })}
      />
      {stored === undefined && (
        <Choice
          legend="It is judged"
          name="judge"
          options={[
            ['rules', 'by rules'],
            ['prompt', 'by a prompt, which only my agents can judge'],
          ]}
          value={form.isPrompt ? 'prompt' : 'rules'}
          onChoose={(judge) => change({ isPrompt: judge === 'prompt' })}
        />
      )}
      {form.isPrompt ? (
        <Field label="Prompt" mistake={mistakes.get('policy_content')}>
          <textarea
            required
            rows={6}
            value={form.prompt}
            placeholder="Do not tell anybody where I am, unless it is family."
            onInput={({ currentTarget }) => change({ prompt: currentTarget.value })}
          />
        </Field>
      ) : (
        <RuleFields {...props} />
      )}
      <Kind {...props} />
    </>
  );
}

interface ChoiceProps<Value extends string> {
  legend: string;
  name: string;
  options: readonly (readonly [value: Value, word: string])[];
  value: Value;
  onChoose: (value: Value) => void;
}

function Choice<Value extends string>({ legend, name, options, value, onChoose }: ChoiceProps<Value>) {
  return (
    <fieldset>
      <legend>{legend}</legend>
      <div class="choices">
        {options.map(([one, word]) => (
          <label key={one}>
            <input type="radio" name={name} checked={one === value} onChange={() => onChoose(one)} />
            {word}
          </label>
        ))}
      </div>
    </fieldset>
  );
}

/** For whom a stored policy is does not change. */
function For({ policy }: { policy: Policy }) {
  return (
    <p>
      It is for messages to <strong>{targetNameOf(policy)}</strong>.
    </p>
  );
}

function Scope({ form, mistakes, change }: FieldsProps) {
  const { targets, isAll } = useTargets(form.scope);
  return (
    <>
      <Choice
        legend="It is for messages to"
        name="scope"
        options={SCOPES}
        value={form.scope}
        onChoose={(scope) => change({ scope, target: '' })}
      />
      {form.scope !== 'global' && (
        <Field label="Which one" mistake={mistakes.get('target_id')}>
          {isAll ? (
            <select
              required
              value={form.target}
              onChange={({ currentTarget }) => change({ target: currentTarget.value })}
            >
              <option value="">{targets.length === 0 ? 'There is none' : 'Choose …'}</option>
              {targets.map(([id, name]) => (
                <option key={id} value={id}>
                  {name}
                </option>
              ))}
            </select>
          ) : (
            <input
              required
              value={form.target}
              placeholder="its name"
              list="targets"
              autocomplete="off"
              autocapitalize="none"
              onInput={({ currentTarget }) => change({ target: currentTarget.value })}
            />
          )}
          <datalist id="targets">
            {!isAll && targets.map(([id, name]) => <option key={id} value={name} />)}
          </datalist>
        </Field>
      )}
    </>
  );
}

interface Targets {
  targets: readonly (readonly [id: string, name: string])[];
  /** Whether there are no others. */
  isAll: boolean;
}

/** What a policy of a scope can be for. */
function useTargets(scope: Policy['scope']): Targets {
  const [friends, groups] = [useFriends().data, useGroups('active').data];
  if (scope === 'role') return { targets: Object.entries(ROLES), isAll: true };
  if (scope === 'user') {
    const targets = friends?.items.map(({ user_id, username }) => [user_id, username] as const) ?? [];
    return { targets, isAll: friends?.next === undefined };
  }
  const run = groups?.items.filter(({ role }) => role !== 'member') ?? [];
  return {
    targets: run.map(({ group_id, name }) => [group_id, name] as const),
    isAll: groups?.next === undefined,
  };
}

/** What kind of message it is for, and which policy comes first. */
function Kind({ form, mistakes, change }: FieldsProps) {
  const kinds = [
    ['direction', 'Direction', 'outbound'],
    ['resource', 'What it is about', 'location.current'],
    ['action', 'What is done with it', 'share'],
  ] as const;
  return (
    <details>
      <summary>Only for some kind of message, and priority</summary>
      <p class="fine">Agents say of what kind their messages are. Empty: any.</p>
      {kinds.map(([name, label, example]) => (
        <Field key={name} label={label} mistake={mistakes.get(name)}>
          <input
            value={form[name]}
            placeholder={example}
            autocomplete="off"
            autocapitalize="none"
            onInput={({ currentTarget }) => change({ [name]: currentTarget.value })}
          />
        </Field>
      ))}
      <Field label="Priority, 0 to 100" mistake={mistakes.get('priority')}>
        <input
          type="number"
          min={0}
          max={100}
          required
          value={form.priority}
          onInput={({ currentTarget }) => change({ priority: currentTarget.value })}
        />
      </Field>
    </details>
  );
}
