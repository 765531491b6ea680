import { parseArgs } from 'node:util';
import fc from 'fast-check';
import { Judge } from './judge.ts';
import { Place, USERS } from './place.ts';
import { type FuzzRequest, requestsOf } from './requests.ts';

const HELP = `Sends requests that are made of the OpenAPI document, such as it allows and such with one thing wrong, and reports each answer
that is a 5xx or not in the document, and each request of which the document and the API judge differently.

  --runs N   How many requests; 2000 without it.
  --seed N   The same requests again.`;

/** Requests to one registry: after that too much of it has reached its bounds. */
const REQUESTS_OF_A_PLACE = 500;

/** Shown of one request at most (characters). */
const MAX_SHOWN = 600;

const { values } = parseArgs({
  options: { runs: { type: 'string' }, seed: { type: 'string' }, help: { type: 'boolean' } },
});
if (values.help) console.log(HELP);
else
  process.exitCode = (await fuzz(Number(values.runs ?? 2000), Number(values.seed ?? Date.now() % 2 ** 31)))
    ? 0
    : 1;

async function fuzz(runs: number, seed: number): Promise<boolean> {
  console.log(`${runs} requests, seed ${seed}`);
  const problems = new Map<string, string>();
  const statuses = new Map<number, number>();
  for (let sent = 0; sent < runs; sent += REQUESTS_OF_A_PLACE) {
    await using place = await Place.open();
    const { document } = place;
    const judge = new Judge(document);
    const requests = requestsOf(document, (field, choice) => place.known(field, choice), USERS);
    const made = fc.sample(fc.infiniteStream(requests), { numRuns: 1, seed: seed + sent })[0];
    if (made === undefined) return false;
    for (let n = 0; n < Math.min(REQUESTS_OF_A_PLACE, runs - sent); n += 1) {
      const request: FuzzRequest = made.next().value;
      const answer = await place.send(request);
      statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
      const problem = answer.undocumented ?? judge.problemOf(request, answer);
      if (problem === undefined) continue;
      const kind = `${request.operation}: ${problem.split(' in {')[0]}`;
      const shown = JSON.stringify(request).slice(0, MAX_SHOWN);
      if (!problems.has(kind))
        problems.set(kind, `${shown}\n   → ${answer.status} ${answer.body.slice(0, MAX_SHOWN)}`);
    }
  }
  const counted = [...statuses].sort(([a], [b]) => a - b).map(([status, count]) => `${status}: ${count}`);
  console.log(counted.join(', '));
  for (const [kind, request] of problems) console.log(`✖ ${kind}\n   ${request}`);
  console.log(
    problems.size === 0 ? 'Nothing found.' : `${problems.size} found; --seed ${seed} shows them again.`,
  );
  return problems.size === 0;
}
