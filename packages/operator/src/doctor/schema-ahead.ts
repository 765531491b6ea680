import { type Finding, findingsOf } from './finding.ts';

/** What is found of a database to which a newer version has added something that this one goes on beside. */
export function schemaAhead(): Finding {
  return findingsOf('database').note(
    'A newer version of Mahilo Registry uses it, too, and this one goes on beside it.',
    'Upgrade this one next: the version after that may not run beside it any more.',
  );
}
