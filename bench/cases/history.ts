import type { Case, Result } from '../case.ts';
import { type ArchivedProduct, startArchivedProduct } from '../fill/archived-product.ts';
import { HttpConnection } from '../rig/http-connection.ts';
import type { Lab } from '../rig/lab.ts';
import { requestBytes } from '../rig/request-bytes.ts';
import { median, percentile } from '../statistics.ts';

const PAGE = 50;

export const history: Case = {
  name: 'history',
  about:
    'GET /messages for somebody with --messages of them, first page and one half-way, against a first page that is all there is.',
  needs: 'file',
  run: measure,
};

async function measure(lab: Lab): Promise<Result[]> {
  const messages = lab.settled(4000);
  const small = await startArchivedProduct(lab, { settled: 2 * PAGE, waiting: 0, agents: 1 });
  await using _small = small.product;
  const large = await startArchivedProduct(lab, { settled: messages, waiting: 0, agents: 1 });
  await using _large = large.product;
  // As the `Link` header of the page before names it.
  const cursor = Buffer.from(large.middle).toString('base64url');
  const requests = lab.size(200, 10);
  const timeOf = ({ product, agents: [archivist] }: ArchivedProduct, query = '') =>
    pageTime(product.port, archivist?.sender.client.apiKey, query, requests);
  const round = async () => ({
    base: await timeOf(small),
    first: await timeOf(large),
    deep: await timeOf(large, `&cursor=${cursor}`),
  });
  lab.progress('history: warming up');
  await round();
  const figures: Awaited<ReturnType<typeof round>>[] = [];
  for (let n = 1; n <= lab.size(9, 1); n++) figures.push(await round());
  const line = (name: string, which: 'first' | 'deep'): Result => ({
    case: `history, ${name}`,
    unit: 'ms',
    measured: median(figures.map((figure) => figure[which])),
    baseline: { name: `first page of ${2 * PAGE} messages`, value: median(figures.map(({ base }) => base)) },
    rounds: figures.map((figure) => figure[which] / figure.base),
    judgedAs: 'ratio',
    target: { atMost: 1.5 },
  });
  return [line('first page', 'first'), line(`page ${(messages / 2 / PAGE).toLocaleString('en')}`, 'deep')];
}

/** p50 of a full page's time (ms), one request at a time. */
async function pageTime(
  port: number,
  apiKey: string | undefined,
  query: string,
  requests: number,
): Promise<number> {
  using connection = await HttpConnection.open(port);
  const request = requestBytes('GET', `/api/v1/messages?limit=${PAGE}${query}`, {
    authorization: `Bearer ${apiKey}`,
  });
  const times: number[] = [];
  for (let n = 0; n < requests; n++) {
    const begin = performance.now();
    const { status, text } = await connection.request(request);
    times.push(performance.now() - begin);
    const items = text.split('"payload_type":').length - 1;
    if (status !== 200 || items !== PAGE)
      throw new Error(`Not a full page, but ${status} with ${items} messages.`);
  }
  return percentile(times, 0.5);
}
