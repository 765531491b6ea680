import { Text } from '../parts/page.tsx';
import { useMyGroup } from '../queries.ts';

/** What a group is called; the id of one that one is not in any more. */
export function GroupName({ id }: { id: string }) {
  return <Text>{useMyGroup(id)?.name ?? id}</Text>;
}
