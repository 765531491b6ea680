/**
 * The least that delivering takes: a loop of signed `got` posts with the headers of a callback. No database.
 * It answers each `PostLoopQuestion` with the time that the loop took (ms).
 */
import http from 'node:http';
import { USER_AGENT } from '@mahilo/shared/version';
import got from 'got';
import { now } from '../rig/now.ts';
import { signedCallback } from './callback.ts';

export interface PostLoopQuestion {
  urls: string[];
  count: number;
  concurrency: number;
  /** got's promises (`got.post`), or its streams, which cost less. */
  through: 'promises' | 'streams';
}

const client = got.extend({
  agent: { http: new http.Agent({ keepAlive: true, scheduling: 'lifo' }) },
  headers: { 'user-agent': USER_AGENT },
  followRedirect: false,
  retry: { limit: 0 },
  throwHttpErrors: false,
  decompress: false,
});
const POSTS = { promises: viaPromise, streams: viaStream } as const;

process.on('message', async ({ urls, count, concurrency, through }: PostLoopQuestion) => {
  const post = POSTS[through];
  const begin = now();
  let next = 0;
  await Promise.all(
    Array.from({ length: concurrency }, async () => {
      while (next < count) {
        const n = next++;
        const statusCode = await post(urls[n % urls.length] ?? '', n);
        if (statusCode !== 200) throw new Error(`The receiver answered ${statusCode}.`);
      }
    }),
  );
  process.send?.(now() - begin);
});
process.once('disconnect', () => process.exit());

async function viaPromise(url: string, n: number): Promise<number> {
  const { statusCode } = await client.post(url, signedCallback(n));
  return statusCode;
}

function viaStream(url: string, n: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const { headers, body } = signedCallback(n);
    const stream = client.stream.post(url, {
      headers: { ...headers, 'content-length': String(body.length) },
    });
    let statusCode = 0;
    stream.on('response', (response) => {
      statusCode = response.statusCode;
    });
    stream.on('end', () => resolve(statusCode));
    stream.on('error', reject);
    stream.resume();
    stream.end(body);
  });
}
