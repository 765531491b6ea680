import { isoTime } from '@mahilo/shared/clock';
import { MahiloError } from '@mahilo/shared/errors';
import type { AttemptRow } from './attempt-rows.ts';

export type AttemptStatus = 'pending' | 'approved' | 'denied' | 'expired' | 'redeemed';

export function statusOf(attempt: AttemptRow, now: number): AttemptStatus {
  if (attempt.redeemed_at !== null) return 'redeemed';
  if (attempt.denied_at !== null) return 'denied';
  if (attempt.expires_at <= now) return 'expired';
  return attempt.approved_at === null ? 'pending' : 'approved';
}

const FAILURES = {
  denied: { code: 'LOGIN_ATTEMPT_DENIED', sentence: 'The sign-in was denied.' },
  expired: { code: 'LOGIN_ATTEMPT_EXPIRED', sentence: 'The code is too old; begin again.' },
} as const;

/** An attempt as answers show it, in the original protocol's fields: what is not so is null. */
export function toAttempt(attempt: AttemptRow, now: number) {
  const { approved_at, denied_at, redeemed_at, expires_at } = attempt;
  const status = statusOf(attempt, now);
  const failure = status === 'denied' || status === 'expired' ? status : null;
  const failedAt = status === 'denied' ? denied_at : status === 'expired' ? expires_at : null;
  return {
    attempt_id: attempt.id,
    created_at: isoTime(attempt.created_at),
    status,
    expires_at: isoTime(expires_at),
    approved_at: timeOf(approved_at),
    denied_at: timeOf(denied_at),
    redeemed_at: timeOf(redeemed_at),
    failure_state: failure,
    failure_code: failure && FAILURES[failure].code,
    failure_message: failure && FAILURES[failure].sentence,
    failure_at: timeOf(failedAt),
    browser: attempt.browser,
  };
}

function timeOf(ms: number | null): string | null {
  return ms === null ? null : isoTime(ms);
}

export function attemptExpired(): MahiloError {
  return new MahiloError('LOGIN_ATTEMPT_EXPIRED', FAILURES.expired.sentence);
}

export function attemptDenied(): MahiloError {
  return new MahiloError('LOGIN_ATTEMPT_DENIED', FAILURES.denied.sentence);
}

export function alreadyRedeemed(): MahiloError {
  return new MahiloError('LOGIN_ATTEMPT_ALREADY_REDEEMED', 'The code was used already.');
}
