import { type RawBuilder, sql, type Transaction } from 'kysely';
import type { Schema } from '../db/schema.ts';
import { namedStatement } from '../db/statement.ts';
import { eachOf, json, Rows } from '../db/words/rows.ts';
import { GREATEST, LEAST } from '../db/words/words.ts';

/** What one batch of attempts means for a lane. */
export interface LaneResult {
  connectionId: string;
  succeeded: boolean;
  /** Failures since the last success in the batch. */
  failures: number;
  /** The agent asked for no callback before this time (ms); 0: it did not. */
  askedUntil: number;
  /** All attempts failed because of the registry's own trouble, which says nothing about the agent. */
  isTrouble: boolean;
}

/** How long a failing lane is held back between probes. */
export interface BreakerPolicy {
  failures: number;
  baseMs: number;
  maxMs: number;
}

const DAY_MS = 86_400_000;
/** After this many doublings every sensible base has reached every sensible maximum. */
const MAX_DOUBLINGS = 30;
/** After the registry's own trouble, the next try follows after this (ms), doubled each time up to the maximum. */
const TROUBLE_BASE_MS = 1000;
const TROUBLE_MAX_MS = 300_000;
/** The days of failures that are remembered, as bits. */
const REMEMBERED_DAYS = 0b11111;

interface Answered {
  connection_id: string;
  succeeded: boolean;
  failures: number;
  asked_until: number;
}

const ANSWERS = new Rows<Answered>('answer', {
  connection_id: 'text',
  succeeded: 'boolean',
  failures: 'bigint',
  asked_until: 'bigint',
});

/**
 * Applies results to the circuit breaker: a success closes it; from the `failures`-th consecutive failure on, each
 * further failure doubles the pause. Any answer of the agent ends the registry's own trouble. Uses the primary key.
 */
export async function recordLaneResults(
  trx: Transaction<Schema>,
  results: readonly LaneResult[],
  { failures: breakerFailures, baseMs, maxMs }: BreakerPolicy,
  now: number,
): Promise<void> {
  const answered = results
    .filter(({ isTrouble }) => !isTrouble)
    .map(({ connectionId, succeeded, failures, askedUntil }) => ({
      connection_id: connectionId,
      succeeded,
      failures,
      asked_until: askedUntil,
    }));
  const troubled = results.filter(({ isTrouble }) => isTrouble).map(({ connectionId }) => connectionId);
  if (troubled.length > 0) await recordTrouble(trx, troubled, now);
  if (answered.length === 0) return;
  const today = Math.floor(now / DAY_MS);
  await applyAnswers(trx, { answers: json(answered), breakerFailures, baseMs, maxMs, now, today });
}

interface AnswerValues {
  answers: string;
  breakerFailures: number;
  baseMs: number;
  maxMs: number;
  now: number;
  /** Days since 1970. */
  today: number;
}

const applyAnswers = namedStatement<AnswerValues>((value) => {
  const pause = doubled(value('baseMs'), sql`result.failures - ${value('breakerFailures')}`);
  return sql`
    update lanes set
      failures = result.failures,
      failing_since = case when result.failures = 0 then null
        else coalesce(case when result.succeeded then null else lanes.failing_since end, ${value('now')}) end,
      failing_days = case when result.failures = 0 then 0 when result.succeeded then 1
        else (${shifted(sql.ref('failing_days'), daysSince(value('today')))}) & ${REMEMBERED_DAYS} | 1 end,
      failing_day = ${value('today')},
      paused_until = case when result.failures < ${value('breakerFailures')} then 0
        else ${value('now')} + ${LEAST}(${value('maxMs')}, ${pause}) end,
      asked_until = ${GREATEST}(lanes.asked_until, result.asked_until),
      trouble_since = null, trouble_until = 0, troubles = 0,
      warned_at = case when result.failures = 0 then null else warned_at end,
      last_seen = case when result.succeeded then ${value('now')} else last_seen end
    from (
      select answer.connection_id, answer.succeeded, answer.asked_until,
        answer.failures + case when answer.succeeded then 0 else lane.failures end as failures
      from ${ANSWERS.of(value('answers'))} join lanes as lane on lane.connection_id = answer.connection_id
    ) as result
    where lanes.connection_id = result.connection_id`;
});

/** A clock that was set back shifts nothing. */
function daysSince(today: RawBuilder<number>): RawBuilder<number> {
  return sql`${LEAST}(${GREATEST}(${today} - failing_day, 0), 5)`;
}

function doubled(baseMs: RawBuilder<number>, times: RawBuilder<unknown>): RawBuilder<number> {
  return shifted(baseMs, sql`${LEAST}(${times}, ${MAX_DOUBLINGS})`);
}

/** In types that every dialect can shift. */
function shifted(number: RawBuilder<unknown>, bits: RawBuilder<number>): RawBuilder<number> {
  return sql`cast(${number} as bigint) << cast(${bits} as integer)`;
}

/** An attempt that began before a pause and failed during it does not prolong the pause. Uses the primary key. */
async function recordTrouble(
  trx: Transaction<Schema>,
  connectionIds: readonly string[],
  now: number,
): Promise<void> {
  await sql`
    update lanes set
      trouble_since = coalesce(trouble_since, ${now}),
      trouble_until = ${now}
        + ${LEAST}(${TROUBLE_MAX_MS}, ${doubled(sql`${TROUBLE_BASE_MS}`, sql.ref('troubles'))}),
      troubles = troubles + 1
    where connection_id in (select value from ${eachOf(connectionIds)}) and trouble_until <= ${now}
  `.execute(trx);
}
