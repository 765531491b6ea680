import { statusOfInvite } from '@mahilo/operator/invite-status';
import {
  type InviteRow,
  insertInvite,
  listInvites,
  mintInviteToken,
  revokeInvite,
} from '@mahilo/shared/accounts/invites';
import { appendAudit } from '@mahilo/shared/audit/append';
import { isoTime } from '@mahilo/shared/clock';
import { MahiloError } from '@mahilo/shared/errors';
import type { Static } from 'typebox';
import type { ApiDeps, App } from '../deps.ts';
import { answers, IdParams, Success } from '../http/fields.ts';
import { PageQuery, pageOf, sendPage } from '../http/pagination.ts';
import { Type } from '../http/type.ts';
import { CreatedInvite, Invite, NewInviteBody } from './invite-schemas.ts';
import { operatorOf } from './operator.ts';
import { OPERATOR, REFUSALS, STEP_UP_REFUSALS } from './route-options.ts';

const DAY_MS = 86_400_000;

/** Invitations to register. */
export function registerInvites(app: App, deps: ApiDeps): void {
  const { db, clock } = deps;
  app.get(
    '/invites',
    {
      schema: {
        ...OPERATOR,
        operationId: 'listInvites',
        summary: 'Invitations to register, the newest first, without their tokens',
        querystring: Type.Object(PageQuery),
        errors: REFUSALS,
        response: answers({ 200: Type.Array(Invite) }),
      },
    },
    async (request, reply) => {
      const page = pageOf(request.query);
      const rows = await listInvites(db.kysely, { limit: page.limit + 1, after: page.after });
      const now = clock.now();
      return sendPage(request, reply, page, rows, ({ id }) => id).map((row) => toInvite(row, now));
    },
  );

  app.post(
    '/invites',
    {
      config: { stepUp: true },
      schema: {
        ...OPERATOR,
        operationId: 'createInvite',
        summary: 'Invite people to register',
        body: NewInviteBody,
        errors: STEP_UP_REFUSALS,
        response: answers({ 201: CreatedInvite }),
      },
    },
    async (request, reply) => {
      const { caller, actor } = operatorOf(request);
      const { uses = 1, days = 7, note } = request.body;
      const now = clock.now();
      const id = deps.newId('inv');
      const token = mintInviteToken(deps.random);
      const expiresAt = now + days * DAY_MS;
      await db.write(caller, async (trx) => {
        await insertInvite(trx, { id, token, note: note || null, uses, now, expiresAt });
        await appendAudit(trx, { actor, action: 'invite.create', subject: id, details: { uses } }, now);
      });
      return reply.status(201).send({ id, invite_token: token, uses, expires_at: isoTime(expiresAt) });
    },
  );

  app.delete(
    '/invites/:id',
    {
      schema: {
        ...OPERATOR,
        operationId: 'revokeInvite',
        summary: 'End an invitation; who has registered with it stays',
        params: IdParams,
        errors: [...REFUSALS, 'NOT_FOUND'],
        response: answers({ 200: Success }),
      },
    },
    async (request) => {
      const { caller, actor } = operatorOf(request);
      const { id } = request.params;
      await db.write(caller, async (trx) => {
        const now = clock.now();
        if (!(await revokeInvite(trx, id, now))) {
          throw new MahiloError('NOT_FOUND', 'There is no invitation with this id that is not revoked.');
        }
        await appendAudit(trx, { actor, action: 'invite.revoke', subject: id }, now);
      });
      return { success: true as const };
    },
  );
}

function toInvite(row: InviteRow, now: number): Static<typeof Invite> {
  return {
    id: row.id,
    status: statusOfInvite(row, now),
    used: row.used,
    uses: row.uses,
    ...(row.note !== null && { note: row.note }),
    created_at: isoTime(row.created_at),
    expires_at: isoTime(row.expires_at),
  };
}
