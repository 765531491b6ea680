import type { ComponentChildren } from 'preact';
import type { FormState } from './form-state.ts';

export interface FieldsProps {
  form: FormState;
  /** What the registry says is wrong, by field. */
  mistakes: ReadonlyMap<string, string>;
  change: (changes: Partial<FormState>) => void;
}

/** A label, its field, and what is wrong with it. */
export function Field({
  label,
  hint,
  mistake,
  children,
}: {
  label: string;
  hint?: string;
  mistake?: string | undefined;
  children: ComponentChildren;
}) {
  return (
    // biome-ignore lint/a11y/noLabelWithoutControl: the control is among the children
    <label>
      {label}
      {children}
      {hint !== undefined && <span class="fine">{hint}</span>}
      {mistake !== undefined && <span class="mistake">It {mistake}.</span>}
    </label>
  );
}
