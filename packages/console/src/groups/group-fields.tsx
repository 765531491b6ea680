import type { Group } from '../api.ts';

/** What a group says of itself, and who can join it; of one that is there what it has now. */
export function GroupFields({ group }: { group?: Pick<Group, 'description' | 'invite_only'> }) {
  const isOpen = group?.invite_only === false;
  return (
    <>
      <label>
        What it is for (may be left out)
        <input
          name="description"
          maxLength={500}
          defaultValue={group?.description ?? ''}
          autocomplete="off"
        />
      </label>
      <fieldset>
        <legend>Who can join</legend>
        <div class="choices">
          <label>
            <input type="radio" name="who" value="invited" defaultChecked={!isOpen} />
            who is invited
          </label>
          <label>
            <input type="radio" name="who" value="anybody" defaultChecked={isOpen} />
            whoever has its id
          </label>
        </div>
      </fieldset>
    </>
  );
}

/** What was chosen there. */
export function groupIn(form: FormData): { description: string; invite_only: boolean } {
  return { description: String(form.get('description')).trim(), invite_only: form.get('who') === 'invited' };
}
