/** Asks one question of the server. */
type Ask = (text: string) => Promise<readonly unknown[]>;

/** Every user may see these settings; which replica is which, only few. */
const WAITS_FOR_REPLICA = `select current_setting('synchronous_standby_names') <> ''
  and current_setting('synchronous_commit') in ('on', 'remote_apply') as waits`;

/** Where a commit is when it is answered: with a synchronous replica it survives the loss of the server. */
export async function acceptedIsOn(ask: Ask): Promise<'disk' | 'disk and replica'> {
  const [row] = (await ask(WAITS_FOR_REPLICA)) as { waits: number }[];
  return row?.waits === 1 ? 'disk and replica' : 'disk';
}
