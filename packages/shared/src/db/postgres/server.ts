import { SetupError } from '../../errors.ts';
import { ConnectionLost, sqlState } from './errors.ts';

const OLDEST = 15;

/** Asks one question of the server. */
type Ask = (text: string) => Promise<readonly unknown[]>;

interface Facts {
  version: number;
  encoding: string;
  synchronous_commit: string;
}

const FACTS = `select current_setting('server_version_num')::integer / 10000 as version,
  current_setting('server_encoding') as encoding,
  current_setting('synchronous_commit') as synchronous_commit`;

/**
 * Checks whether the promises of the product can be kept on a server.
 * @throws SetupError with a sentence for a person.
 */
export async function assertFit(ask: Ask): Promise<void> {
  const [facts] = (await ask(FACTS)) as Facts[];
  if (facts === undefined) throw new Error('PostgreSQL did not say which it is.');
  if (facts.version < OLDEST) {
    throw new SetupError(`The server is PostgreSQL ${facts.version}; ${OLDEST} or newer is needed.`);
  }
  if (facts.encoding !== 'UTF8') {
    throw new SetupError(
      `The database is encoded in ${facts.encoding}, and must be in UTF8: create it with \`create database … encoding 'UTF8' template template0\`.`,
    );
  }
  if (facts.synchronous_commit === 'off') {
    throw new SetupError(
      'synchronous_commit is off: a crash of the server would lose messages that were accepted. Set it to on for this user or database.',
    );
  }
}

/** SQLSTATE of a prepared statement that is there already, or is not there: somebody else has used the connection meanwhile. */
const OF_OTHERS = /^(42P05|26000)$/;

/** SQLSTATE of what only a person can mend: a wrong password or user, no such database, no rights. */
const REFUSED: Readonly<Record<string, string>> = {
  '28P01': 'refuses the password',
  '28000': 'refuses this user, or wants TLS (`?sslmode=verify-full&sslrootcert=ca.pem`)',
  '3D000': 'has no such database; create it first',
  '42501': 'does not allow this user to do that; make the user the owner of the database',
};

/** An error of the first connection as a sentence for a person, where only a person can mend it. */
export function explained(error: unknown, name: string): unknown {
  if (error instanceof ConnectionLost) {
    return new SetupError(`The database ${name} cannot be used now: ${error.message}.`, { cause: error });
  }
  if (OF_OTHERS.test(sqlState(error))) {
    return new SetupError(
      `Between here and the server of ${name} a pooler shares connections between transactions: set DATABASE_PREPARE=false (docs/deployment.md, "A pooler").`,
      { cause: error },
    );
  }
  const refusal = REFUSED[sqlState(error)];
  if (refusal === undefined) return error;
  return new SetupError(
    `The server of ${name} ${refusal}: is DATABASE_URL right? (docs/deployment.md, "More than one host")`,
    { cause: error },
  );
}
