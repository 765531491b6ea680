/**
 * A network between hosts, for a server that is on this one: it passes everything on, later. Arguments: port, the server's port, and
 * how long (ms) a round trip takes; timers make that up to a millisecond longer each way.
 */
import { connect, createServer, type Socket } from 'node:net';

const [port, serverPort, roundTripMs] = process.argv.slice(2).map(Number);

createServer({ noDelay: true }, (near) => {
  const far = connect({ port: serverPort ?? 0, host: '127.0.0.1', noDelay: true });
  pass(near, far);
  pass(far, near);
}).listen(port, '127.0.0.1');

/** Timers of one length fire in their order. */
function pass(from: Socket, to: Socket): void {
  const later = (work: () => void) => setTimeout(work, (roundTripMs ?? 0) / 2);
  from.on('data', (bytes) => later(() => to.write(bytes)));
  from.on('end', () => later(() => to.end()));
  from.on('error', () => to.destroy());
}
