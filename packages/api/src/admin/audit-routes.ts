import { type AuditLine, auditBefore } from '@mahilo/operator/audit-trail';
import { isoTime } from '@mahilo/shared/clock';
import { invalidField } from '@mahilo/shared/errors';
import type { ApiDeps, App } from '../deps.ts';
import { answers, oneOf, time } from '../http/fields.ts';
import { PageQuery, sendPage } from '../http/pagination.ts';
import { Type } from '../http/type.ts';
import { OPERATOR, REFUSALS } from './route-options.ts';

const AuditAnswer = Type.Object(
  {
    id: Type.Integer({ minimum: 1, description: 'The line.', examples: [42] }),
    at: time('When it was done.'),
    actor_type: oneOf(['user', 'operator'], { title: 'AuditActorType', description: 'Who acted.' }),
    actor: Type.String({
      description:
        'A user’s name, or their id when it is known no more; an operator’s name on the machine, or at the console (`console:ann`).',
      examples: ['console:ann'],
    }),
    action: Type.String({ description: 'What was done.', examples: ['user.disable'] }),
    subject: Type.String({
      description: 'To what, by its id.',
      examples: ['usr_01m84zwwg0e28thb7ktkjzc1rr'],
    }),
    details: Type.Record(Type.String(), Type.Unknown(), {
      description: 'What helps to understand it; never a secret.',
      examples: [{ username: 'ben' }],
    }),
  },
  { title: 'AuditLine', description: 'A line of the audit trail, which nobody can change.' },
);

/** Who did what. */
export function registerAudit(app: App, { db }: ApiDeps): void {
  app.get(
    '/audit',
    {
      schema: {
        ...OPERATOR,
        operationId: 'listAudit',
        summary: 'Who did what to keys, accounts, groups, agents and messages, the newest first',
        querystring: Type.Object(PageQuery),
        errors: REFUSALS,
        response: answers({ 200: Type.Array(AuditAnswer) }),
      },
    },
    async (request, reply) => {
      const { limit = 50, cursor } = request.query;
      const before = cursor === undefined ? Number.MAX_SAFE_INTEGER : lineIn(cursor);
      const rows = await auditBefore(db.kysely, before, limit + 1);
      return sendPage(request, reply, { limit, after: undefined }, rows, ({ id }) => String(id)).map(toLine);
    },
  );
}

/** The line that a cursor of this list has. @throws MahiloError INVALID_REQUEST */
function lineIn(cursor: string): number {
  const line = Buffer.from(cursor, 'base64url').toString('utf8');
  if (!/^[1-9]\d{0,14}$/.test(line)) throw invalidField('cursor', 'is not one that this list gave out');
  return Number(line);
}

function toLine({ id, created_at, username, actor, details_json, ...line }: AuditLine) {
  const { actor_type, action, subject } = line;
  const details: Record<string, unknown> = details_json === null ? {} : JSON.parse(details_json);
  return { id, at: isoTime(created_at), actor_type, actor: username ?? actor, action, subject, details };
}
