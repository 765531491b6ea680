/** How a process uses a server of PostgreSQL; each has a default. */
export interface ServerOptions {
  /** Connections that read. Two more write, and one listens. */
  readers?: number;
  /** Whether statements stay prepared on a connection, which not every pooler lets them. */
  prepares?: boolean;
  /** Where to listen for notifications, which a pooler does not pass on; without it where everything is. */
  listenUrl?: string;
  /** Where notes for the doctor are left: the paths of these files begin with it. */
  notes?: string;
}
