import assert from 'node:assert/strict';
import { doctor } from '@mahilo/operator/doctor';
import type { Patience } from '@mahilo/operator/doctor/finding';
import type { Environment } from '../world/process.ts';
import type { Surroundings } from '../world/surroundings.ts';

export interface Finding {
  check: string;
  level: 'ok' | 'note' | 'problem';
  finding: string;
  advice?: string;
}

/** The doctor, which asks this name server; `patience` for what nobody's patience would help against. */
export function doctorWith(nameServer: () => string, patience?: Partial<Patience>) {
  const tool = patience && (([, ...words]: readonly string[]) => doctor(patience)(words));
  /** What it finds wrong; every problem must come with advice, and the exit code must fit. */
  const problems = async (
    world: Surroundings,
    environment: Environment = {},
    ...toolArguments: string[]
  ): Promise<string[]> => {
    const run = await world.admin(
      ['doctor', '--json', ...toolArguments],
      { DNS_SERVERS: nameServer(), ...environment },
      tool,
    );
    const { ok, findings } = run.json as { ok: boolean; findings: Finding[] };
    const found = findings.filter(({ level }) => level === 'problem');
    assert.equal(run.code, found.length > 0 ? 1 : 0, run.stderr);
    assert.equal(ok, found.length === 0);
    for (const finding of findings)
      assert.equal(finding.advice === undefined, finding.level === 'ok', finding.finding);
    return found.map(({ check, finding }) => `${check}: ${finding}`);
  };
  /** That there is one problem, which is this. */
  const assertOne = async (sentence: RegExp, ...look: Parameters<typeof problems>): Promise<void> => {
    const found = await problems(...look);
    assert.equal(found.length, 1, found.join('\n'));
    assert.match(found[0] ?? '', sentence);
  };
  return { problems, assertOne };
}
