import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { sendWhole } from './whole-list.ts';

const request = { url: '/api/v1/groups' } as FastifyRequest;
const ids = Array.from({ length: 300 }, (_, i) => `grp_${String(1000 - i)}`);

/** Reads a list of groups whose members are counted. @returns the sizes of its pages. */
async function pagesOf(members: number): Promise<number[]> {
  const sizes: number[] = [];
  let cursor: string | undefined;
  const seen: string[] = [];
  do {
    let link: string | undefined;
    const reply = { header: (_name: string, value: string) => (link = value) } as unknown as FastifyReply;
    const rows = await sendWhole(
      request,
      reply,
      cursor === undefined ? {} : { cursor },
      async ({ limit, after }) => {
        const start = after === undefined ? 0 : ids.indexOf(after) + 1;
        return ids.slice(start, start + limit + 1).map((id) => ({ id, members }));
      },
      (row) => row.members,
    );
    sizes.push(rows.length);
    seen.push(...rows.map(({ id }) => id));
    cursor = /cursor=([^>&]+)>/.exec(link ?? '')?.[1];
  } while (cursor !== undefined);
  assert.deepEqual(seen, ids);
  return sizes;
}

test('a list comes whole, and in more answers where very much had to be counted for it', async () => {
  assert.deepEqual(await pagesOf(1), [300]);
  assert.deepEqual(await pagesOf(1000), [250, 50]);
  assert.deepEqual(await pagesOf(200_000), Array(300).fill(1));
  assert.deepEqual(await pagesOf(1_000_000), Array(300).fill(1));
});
