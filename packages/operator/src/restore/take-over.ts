import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '@mahilo/shared/clock';
import { errorText } from '@mahilo/shared/errors';
import { WORKER_GONE_AFTER_MS } from '@mahilo/shared/outbox/workers';
import { type HeldDatabase, holdDatabase } from '../database/exclusive-lock.ts';
import { span } from '../format.ts';

/**
 * Makes sure that no process uses a database, and that none starts to. It relies on two signs: every process holds a
 * lock on the file while it has it open; and where locks do not work (on a network file system, or after something
 * opened and closed the file outside SQLite), workers still record that they are alive.
 * @returns undefined when there is no database, or it is damaged and `evenDamaged` allows that.
 * @throws Error with a sentence when a process uses it, or that cannot be determined.
 */
export async function takeOver(database: string, evenDamaged: boolean): Promise<HeldDatabase | undefined> {
  if (!existsSync(database)) return undefined;
  try {
    const held = hold(database);
    const heartbeat = held.lastHeartbeat();
    const leftMs = (heartbeat ?? Number.NEGATIVE_INFINITY) + WORKER_GONE_AFTER_MS - systemClock.now();
    if (heartbeat === undefined || leftMs <= 0) return held;
    held.release();
    return await afterSilence(database, heartbeat, Math.min(leftMs, WORKER_GONE_AFTER_MS));
  } catch (error) {
    if (error instanceof InUse) throw error;
    if (evenDamaged) return undefined;
    throw new Error(
      `${database} is damaged (${errorText(error)}), so it cannot be told whether a process uses it: make sure that none does, and add --replace-damaged.`,
      { cause: error },
    );
  }
}

async function afterSilence(database: string, heartbeat: number, waitMs: number): Promise<HeldDatabase> {
  console.error(`A worker was alive a moment ago; waiting ${span(waitMs)} to see whether it still is …`);
  await sleep(waitMs);
  const held = hold(database);
  if (held.lastHeartbeat() === heartbeat) return held;
  held.release();
  throw new InUse(`A worker is alive on ${database}, although it holds no lock: stop every process first.`);
}

class InUse extends Error {}

function hold(database: string): HeldDatabase {
  const held = holdDatabase(database);
  if (held !== undefined) return held;
  throw new InUse(
    `${database} is open in another process: stop the API, every worker, and what else has it open, and run this again.`,
  );
}
