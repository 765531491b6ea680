import type { Kysely } from 'kysely';
import type { Schema } from '../db/schema.ts';
import { statement } from '../db/statement.ts';

interface OwedRow {
  connection_id: string;
  bulk: number;
  at: number;
  id: string;
  /** Null for an event, which nobody sent. */
  sender_id: string | null;
}

type Position = [connectionId: string, bulk: number, at: number, id: string];

/** SQLite's planner uses a partial index only when the statement repeats the index's condition literally. */
const owedPage = (state: 'pending' | 'leased', bulk: string, at: string) => {
  const index = `outbox_${state}`;
  return statement<[...Position, limit: number], OwedRow>(
    ({ indexedBy }) => `
    select owed.connection_id, ${bulk} as bulk, ${at} as at, owed.id, messages.sender_id
    from outbox as owed ${indexedBy(index)} left join messages on messages.id = owed.message_id
    where owed.state = '${state}' and (owed.connection_id, ${bulk}, ${at}, owed.id) > (?, ?, ?, ?)
    order by owed.connection_id, ${bulk}, ${at}, owed.id limit ?`,
  );
};

/** In the order of outbox_pending and of outbox_leased, which knows no bulk. Uses the primary key of messages. */
const PAGES = [
  owedPage('pending', 'owed.bulk', 'owed.due_at'),
  owedPage('leased', 'owed.lease_expires_at', 'owed.lease_expires_at'),
];

const BEFORE_ALL: Position = ['', 0, 0, ''];

/** Most senders counted at once; beyond that, those who owe least are left out. */
const MAX_SENDERS = 50_000;

export interface OwedWalk {
  /** Rows read at once; the process does nothing else meanwhile. */
  pageRows: number;
  /** Between two pages; false ends the walk. */
  goOn(): Promise<boolean>;
}

/**
 * Counts the deliveries owed of each sender's messages, page by page. It may miss or count twice what moves
 * meanwhile.
 * @returns undefined when `goOn` ended the walk.
 */
export async function owedBySender(
  db: Kysely<Schema>,
  { pageRows, goOn }: OwedWalk,
): Promise<Map<string, number> | undefined> {
  const owed = new Map<string, number>();
  for await (const rows of pages(db, pageRows)) {
    for (const { sender_id } of rows) {
      if (sender_id !== null) owed.set(sender_id, (owed.get(sender_id) ?? 0) + 1);
    }
    if (owed.size > MAX_SENDERS) dropSmallest(owed);
    if (!(await goOn())) return undefined;
  }
  return owed;
}

async function* pages(db: Kysely<Schema>, pageRows: number): AsyncGenerator<OwedRow[]> {
  for (const page of PAGES) {
    let position = BEFORE_ALL;
    for (;;) {
      const rows = await page(db, ...position, pageRows);
      yield rows;
      const last = rows.at(-1);
      if (last === undefined || rows.length < pageRows) break;
      position = [last.connection_id, last.bulk, last.at, last.id];
    }
  }
}

/** Leaves out senders who owe no more than the average. */
function dropSmallest(owed: Map<string, number>): void {
  let sum = 0;
  for (const count of owed.values()) sum += count;
  const average = sum / owed.size;
  for (const [senderId, count] of owed) if (count <= average) owed.delete(senderId);
}
