import { inspect, parseArgs } from 'node:util';
import fc from 'fast-check';
import { type FuzzAnswer, Judge } from './judge.ts';
import { Place, USERS } from './place.ts';
import { type FuzzRequest, requestsOf } from './requests.ts';

const HELP = `Sends requests that are made of the OpenAPI document, such as it allows and such with one thing wrong, and reports each answer
that is a 5xx or not in the document, and each request of which the document and the API judge differently.

  --runs N   How many requests; 2000 without it.
  --seed N   The same requests again.`;

/** Requests to one registry; after that too many bounds are reached. */
const REQUESTS_OF_A_PLACE = 500;

/** Characters of one request to show. */
const MAX_SHOWN = 2000;

/** The findings of a run. */
class Findings {
  /** For each kind of problem a request that shows it. */
  readonly problems = new Map<string, string>();
  readonly statuses = new Map<number, number>();

  note(
    request: FuzzRequest,
    { status, body }: FuzzAnswer,
    problem: string | undefined,
    fault: unknown,
  ): void {
    this.statuses.set(status, (this.statuses.get(status) ?? 0) + 1);
    const kind = `${request.operation}: ${problem?.split(' in {')[0]}`;
    if (problem === undefined || this.problems.has(kind)) return;
    const cause = status >= 500 ? `\n   ${inspect(fault)}` : '';
    const shown = JSON.stringify(request).slice(0, MAX_SHOWN);
    this.problems.set(kind, `${shown}\n   → ${status} ${body.slice(0, MAX_SHOWN)}${cause}`);
  }
}

/** Sends this many requests to a new registry. */
async function fuzzPlace(runs: number, seed: number, findings: Findings): Promise<void> {
  await using place = await Place.open();
  const { document } = place;
  const judge = new Judge(document);
  const requests = requestsOf(document, (field, choice) => place.known(field, choice), USERS);
  const [made] = fc.sample(fc.infiniteStream(requests), { numRuns: 1, seed });
  for (const request of made?.take(runs) ?? []) {
    const answer = await place.send(request);
    const problem = answer.undocumented ?? judge.problemOf(request, answer);
    findings.note(request, answer, problem, place.fault);
  }
}

async function fuzz(runs: number, seed: number): Promise<boolean> {
  console.log(`${runs} requests, seed ${seed}`);
  const findings = new Findings();
  for (let sent = 0; sent < runs; sent += REQUESTS_OF_A_PLACE)
    await fuzzPlace(Math.min(REQUESTS_OF_A_PLACE, runs - sent), seed + sent, findings);
  const { problems, statuses } = findings;
  const counted = [...statuses].sort(([a], [b]) => a - b).map(([status, count]) => `${status}: ${count}`);
  console.log(counted.join(', '));
  for (const [kind, request] of problems) console.log(`✖ ${kind}\n   ${request}`);
  console.log(
    problems.size === 0 ? 'Nothing found.' : `${problems.size} found; --seed ${seed} shows them again.`,
  );
  return problems.size === 0;
}

const { values } = parseArgs({
  options: { runs: { type: 'string' }, seed: { type: 'string' }, help: { type: 'boolean' } },
});
if (values.help) console.log(HELP);
else
  process.exitCode = (await fuzz(Number(values.runs ?? 2000), Number(values.seed ?? Date.now() % 2 ** 31)))
    ? 0
    : 1;
