import { isoTime, systemClock } from '@mahilo/shared/clock';
import type { Database } from '@mahilo/shared/db/database';
import { endGroup } from '@mahilo/shared/groups/end-group';
import { type GroupSize, groupDetails, groupsBySize } from './accounts/sizes.ts';
import type { Command } from './command.ts';
import { databaseUrl, withDatabase } from './context.ts';
import { listShowRemove } from './list-show-remove.ts';
import { auditOperator, confirmedOrExit } from './operator-audit.ts';
import { answer, table } from './output.ts';

const HELP = `The groups of the registry: npm run admin -- groups <action> [option…]

  list              Those with the most members first.
    --limit N         At most N of them (50).
  show GROUP        One, by its ID (grp_…) or its name.
  remove GROUP      Ends a group for good: its members are told, its description goes, and nobody is ever given its name
                    again. What was sent before still arrives.
    --yes             Is needed: it cannot be undone.
  --json            Answers for machines.
  --help            Shows this.`;

export const command: Command = listShowRemove(HELP, 'GROUP', { list, show, remove });

async function list(limit: number, asJson: boolean): Promise<void> {
  const groups = await withDatabase(databaseUrl(), (db) => groupsBySize(db.kysely, limit));
  answer(asJson, groups.map(shown), () => groupTable(groups));
}

async function show(given: string, asJson: boolean): Promise<void> {
  const group = await withDatabase(databaseUrl(), (db) => groupNamed(db, given));
  answer(asJson, shown(group), () => groupTable([group]));
}

async function remove(given: string, isConfirmed: boolean, asJson: boolean): Promise<void> {
  confirmedOrExit(isConfirmed, 'Removing a group');
  const group = await withDatabase(databaseUrl(), async (db) => {
    const found = await groupNamed(db, given);
    const now = systemClock.now();
    await db.write(async (trx) => {
      if (found.deleted_at === null) await endGroup(trx, found, undefined, now);
      const removed = { description: null, removed_at: now };
      await trx.updateTable('groups').set(removed).where('id', '=', found.id).execute();
      await auditOperator(trx, 'group.remove', found.id, now, { name: found.name });
    });
    return found;
  });
  const result = { group_id: group.id, name: group.name, status: 'removed' };
  answer(asJson, result, () => `${group.name} is removed.`);
}

async function groupNamed(db: Database, given: string): Promise<GroupSize> {
  const [group] = await groupDetails(db.kysely, given, given);
  if (group === undefined) throw new Error(`There is no group ${given}.`);
  return group;
}

function shown({ id, created_at, deleted_at, removed_at, ...group }: GroupSize) {
  const time = (ms: number | null) => (ms === null ? null : isoTime(ms));
  return {
    group_id: id,
    ...group,
    created_at: isoTime(created_at),
    deleted_at: time(deleted_at),
    removed_at: time(removed_at),
  };
}

function groupTable(groups: readonly GroupSize[]): string {
  const rows = groups.map((group) => [
    group.id,
    group.name,
    group.owner ?? '',
    group.members,
    isoTime(group.created_at),
    stateOf(group),
  ]);
  return table(['Group', 'Name', 'Owner', 'Members', 'Created', 'State'], rows);
}

function stateOf({ deleted_at, removed_at }: GroupSize): string {
  if (removed_at !== null) return 'removed';
  return deleted_at === null ? '' : 'deleted';
}
