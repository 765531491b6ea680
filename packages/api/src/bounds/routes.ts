import { isoTime } from '@mahilo/shared/clock';
import { requireUser, userOf } from '../auth/authenticate.ts';
import type { App } from '../deps.ts';
import { answers, time } from '../http/fields.ts';
import { Type } from '../http/type.ts';
import type { Limit, Limits } from './limits.ts';

export const LimitAnswer = Type.Object(
  {
    name: Type.String({
      description: 'The bound, as docs/limits.md and the `details` of a refusal name it.',
      examples: ['agents_per_user'],
    }),
    used: Type.Integer({ minimum: 0, description: 'How much of it is used.', examples: [2] }),
    limit: Type.Integer({ minimum: 0, description: 'How much there may be.', examples: [100] }),
    resets_at: Type.Optional(time('When the count begins again.')),
  },
  { title: 'Limit', description: 'A bound, and how much of it is used.' },
);

export function registerLimits(app: App, limits: Limits): void {
  app.get(
    '/auth/limits',
    {
      ...requireUser,
      schema: {
        operationId: 'listLimits',
        tags: ['Auth'],
        summary: 'What I may have so much of, and how much I have',
        response: answers({ 200: Type.Array(LimitAnswer) }),
      },
    },
    async (request) => {
      const all = await limits.of(userOf(request).id);
      return all.map(toLimit);
    },
  );
}

/** A count, as answers show it. */
export function toLimit({ name, used, limit, resetsAt }: Limit) {
  return { name, used, limit, ...(resetsAt !== undefined && { resets_at: isoTime(resetsAt) }) };
}
