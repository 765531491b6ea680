import type { TargetedSubmitEvent } from 'preact';
import { useLocation } from 'preact-iso/router';
import { api, type Friend } from '../api.ts';
import { addressOf } from './filters.ts';
import { useMutation } from './mutation.ts';

/** Where something with such an id is shown. */
const PLACES: Readonly<Record<string, (id: string) => string>> = {
  msg: (id) => addressOf('/console/conversations', { message: id }),
  dlv: (id) => addressOf('/console/deliveries', { delivery: id }),
  conn: (id) => `/console/agents/${id}`,
  grp: (id) => `/console/groups/${id}`,
};
/** Characters by which the API looks for a person. */
const LONGEST_NAME = 100;
const ID = /^(msg|dlv|conn|grp|usr)_[0-9a-z]+$/;

/** The field that `/` leads to. */
export const SEARCH_ID = 'search';

/** Goes to what somebody has the id of, to a friend, or to what was about something. It searches no texts, and says so. */
export function Search() {
  const { route } = useLocation();
  const find = useMutation({ mutationFn: placeOf, onSuccess: (place) => route(place) });
  const submit = (event: TargetedSubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    const text = String(new FormData(form).get('search')).trim();
    if (text !== '') find.mutate(text, { onSuccess: () => form.reset() });
  };
  return (
    <search class="search">
      <form onSubmit={submit}>
        <label>
          Go to
          <input
            id={SEARCH_ID}
            type="search"
            name="search"
            maxLength={255}
            placeholder="id or friend"
            title="An id, the name of a friend, or exactly what a conversation is about: it searches no texts."
            autocomplete="off"
            autocapitalize="none"
            spellcheck={false}
          />
        </label>
        {find.error && <p role="alert">{find.error.message}</p>}
      </form>
    </search>
  );
}

/** @throws Error when there is no such friend, ApiError */
async function placeOf(text: string): Promise<string> {
  const kind = ID.exec(text)?.[1] ?? '';
  const place = PLACES[kind];
  if (place !== undefined) return place(text);
  const [friend] = await api<Friend[]>('GET', addressOf('/friends', { with: text.slice(0, LONGEST_NAME) }));
  if (friend !== undefined) return addressOf('/console/conversations', { with: friend.username });
  if (kind === 'usr') throw new Error('No friend of yours has this id.');
  return addressOf('/console/deliveries', { correlation_id: text });
}
