import type { FastifyRequest } from 'fastify';
import type { Budget } from '../http/budget.ts';
import type { ApiTelemetry, StreamKind } from '../telemetry.ts';
import { CatchUps } from './catch-ups.ts';
import { END, EventStream, type Sink, type StreamDeps, type StreamRequest } from './event-stream.ts';

/** All open streams of this process: as many as there is room for, and none after `close`. */
export class Streams {
  readonly #deps: StreamDeps & { telemetry: ApiTelemetry };
  readonly #room: Budget;
  readonly #open = new Set<EventStream>();
  #isClosed = false;

  constructor(deps: Omit<StreamDeps, 'catchUps'> & { telemetry: ApiTelemetry }, room: Budget) {
    this.#deps = { ...deps, catchUps: new CatchUps(deps.clock) };
    this.#room = room;
  }

  /**
   * Opens a stream for a request; `start` it when the sink is ready.
   * @throws MahiloError TOO_MANY_STREAMS, QUOTA_EXCEEDED, UNAVAILABLE
   */
  open(
    kind: StreamKind,
    { id: requestId, client }: Pick<FastifyRequest, 'id' | 'client'>,
    streamRequest: StreamRequest,
    sink: Sink,
  ): EventStream {
    const { clock, telemetry, log } = this.#deps;
    const { id: userId } = streamRequest.user;
    const room = this.#room.take({ userId, client }, 1, () => {
      stream.end(END.tryAgain, 'Others need the room; connect again.');
    });
    const openedAt = clock.monotonicMs();
    const stream = new EventStream(this.#deps, streamRequest, sink, (reason) => {
      room.release();
      this.#open.delete(stream);
      const durationMs = clock.monotonicMs() - openedAt;
      telemetry.streamEnded(log, kind, { requestId, userId, client: client.address, durationMs, reason });
    });
    this.#open.add(stream);
    telemetry.streamOpened(kind);
    if (this.#isClosed) stream.end(END.goingAway, 'The registry is stopping.');
    return stream;
  }

  /** Ends all streams, and every later one at once. */
  close(): void {
    this.#isClosed = true;
    for (const stream of [...this.#open]) stream.end(END.goingAway, 'The registry is stopping.');
  }
}
