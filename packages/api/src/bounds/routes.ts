import { isoTime } from '@mahilo/shared/clock';
import { Type } from 'typebox';
import { requireUser, userOf } from '../auth/authenticate.ts';
import type { App } from '../deps.ts';
import { answers } from '../http/fields.ts';
import type { Limits } from './limits.ts';

const LimitAnswer = Type.Object({
  name: Type.String({ description: 'As in docs/limits.md and the `details` of a refusal.' }),
  used: Type.Integer(),
  limit: Type.Integer(),
  resets_at: Type.Optional(Type.String({ format: 'date-time' })),
});

export function registerLimits(app: App, limits: Limits): void {
  app.get(
    '/auth/limits',
    {
      ...requireUser,
      schema: {
        tags: ['Auth'],
        summary: 'What I may have so much of, and how much I have',
        response: answers({ 200: Type.Array(LimitAnswer) }),
      },
    },
    async (request) => {
      const all = await limits.of(userOf(request).id);
      return all.map(({ name, used, limit, resetsAt }) => ({
        name,
        used,
        limit,
        ...(resetsAt !== undefined && { resets_at: isoTime(resetsAt) }),
      }));
    },
  );
}
