import { request as overHttp } from 'node:http';
import { request as overHttps } from 'node:https';
import type { Duplex } from 'node:stream';
import got, { type RequestFunction } from 'got';
import type { EgressAgents } from './agents.ts';

const MAX_HEADER_BYTES = 16 * 1024;

/** Begins requests, each a stream of its answer's body. */
export interface Requests {
  post(target: URL, headers: Readonly<Record<string, string>>, body: Buffer): Duplex;
  head(target: URL): Duplex;
}

/** Requests over these agents' connections. They follow, repeat and decompress nothing. */
export function requestsOver({ http, https }: EgressAgents, userAgent: string): Requests {
  const client = got.extend({
    agent: { http, https },
    headers: { 'user-agent': userAgent },
    followRedirect: false,
    retry: { limit: 0 },
    throwHttpErrors: false,
    decompress: false,
    maxHeaderSize: MAX_HEADER_BYTES,
    request: withFewOptions,
  });
  return {
    post(target, headers, body) {
      const length = String(body.length);
      const stream = client.stream(target, {
        method: 'POST',
        headers: { ...headers, 'content-length': length },
      });
      // Given as an option, got would clone the body for every request.
      stream.end(body);
      return stream;
    },
    head: (target) => client.stream(target, { method: 'HEAD' }),
  };
}

/**
 * got passes on every option there is, most of them unset, and Node copies all of them three times: a tenth of a delivery's
 * processor time. These are the ones that are set above.
 */
const withFewOptions: RequestFunction = (url, { agent, headers, method, maxHeaderSize }, callback) => {
  const request = url.protocol === 'https:' ? overHttps : overHttp;
  return request(url, { agent, headers, method, maxHeaderSize }, callback);
};
