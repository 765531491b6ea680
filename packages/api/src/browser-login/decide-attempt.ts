import { MahiloError } from '@mahilo/shared/errors';
import type { Caller } from '../access/caller.ts';
import type { ApiDeps } from '../deps.ts';
import { type AttemptRow, attemptsOfName, changeAttempt, findAttempt } from './attempt-rows.ts';
import { alreadyRedeemed, attemptDenied, attemptExpired, statusOf } from './attempt-state.ts';

export interface ApprovalRequest {
  approval_code: string;
  attempt_id?: string | undefined;
}

type Decision = 'approve' | 'deny';

/**
 * Lets the browser with this code in, or keeps it out.
 * @throws MahiloError LOGIN_ATTEMPT_NOT_FOUND, INVALID_APPROVAL_CODE, LOGIN_ATTEMPT_EXPIRED, LOGIN_ATTEMPT_DENIED,
 * LOGIN_ATTEMPT_ALREADY_APPROVED, LOGIN_ATTEMPT_ALREADY_REDEEMED
 */
export async function decideAttempt(
  { db, clock }: Pick<ApiDeps, 'db' | 'clock'>,
  caller: Caller,
  request: ApprovalRequest,
  decision: Decision,
): Promise<AttemptRow> {
  const now = clock.now();
  const code = request.approval_code.toUpperCase().replaceAll(/[^A-Z0-9]/g, '');
  return db.write(caller, async (trx) => {
    const own =
      request.attempt_id === undefined
        ? (await attemptsOfName(trx, caller.username, now)).find((one) => one.code === code)
        : await findAttempt(trx, request.attempt_id);
    if (own?.user_id !== caller.id) {
      throw new MahiloError('LOGIN_ATTEMPT_NOT_FOUND', 'Nobody waits in your name with this code.');
    }
    if (own.code !== code) throw new MahiloError('INVALID_APPROVAL_CODE', 'The attempt has another code.');
    const status = statusOf(own, now);
    if (status === 'denied' && decision === 'deny') return own;
    assertOpen(status);
    const change =
      decision === 'approve' ? { approved_at: now, approved_by_key: caller.keyId } : { denied_at: now };
    await changeAttempt(trx, own.id, change);
    return { ...own, ...change };
  });
}

function assertOpen(status: ReturnType<typeof statusOf>): void {
  if (status === 'expired') throw attemptExpired();
  if (status === 'redeemed') throw alreadyRedeemed();
  if (status === 'denied') throw attemptDenied();
  if (status === 'approved') {
    throw new MahiloError('LOGIN_ATTEMPT_ALREADY_APPROVED', 'The sign-in is approved already.');
  }
}
