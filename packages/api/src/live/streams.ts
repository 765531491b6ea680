import { MahiloError } from '@mahilo/shared/errors';
import type { FastifyRequest } from 'fastify';
import type { ApiTelemetry, StreamKind } from '../telemetry.ts';
import { END, EventStream, type Sink, type StreamDeps, type StreamRequest } from './event-stream.ts';

/** All open streams of this process: so many for each user at most, and none after the end. */
export class Streams {
  readonly #deps: StreamDeps & { telemetry: ApiTelemetry };
  readonly #limitPerUser: number;
  readonly #byUser = new Map<string, Set<EventStream>>();
  #isClosed = false;

  constructor(deps: StreamDeps & { telemetry: ApiTelemetry }, limitPerUser: number) {
    this.#deps = deps;
    this.#limitPerUser = limitPerUser;
  }

  /**
   * Opens a stream for a request; `start` it when the sink is ready.
   * @throws MahiloError TOO_MANY_STREAMS
   */
  open(
    kind: StreamKind,
    { id: requestId, client: { address: client } }: Pick<FastifyRequest, 'id' | 'client'>,
    request: StreamRequest,
    sink: Sink,
  ): EventStream {
    const { clock, telemetry, log } = this.#deps;
    const { id } = request.user;
    const mine = this.#byUser.get(id) ?? new Set();
    if (mine.size >= this.#limitPerUser) {
      const sentence = `You have ${mine.size} open streams; close one of them first.`;
      throw new MahiloError('TOO_MANY_STREAMS', sentence);
    }
    this.#byUser.set(id, mine);
    const openedAt = clock.monotonicMs();
    const stream = new EventStream(this.#deps, request, sink, (reason) => {
      mine.delete(stream);
      if (mine.size === 0) this.#byUser.delete(id);
      const durationMs = clock.monotonicMs() - openedAt;
      telemetry.streamEnded(log, kind, { requestId, userId: id, client, durationMs, reason });
    });
    mine.add(stream);
    telemetry.streamOpened(kind);
    if (this.#isClosed) stream.end(END.goingAway, 'The registry is stopping.');
    return stream;
  }

  /** Ends all streams, and each that is opened later at once. */
  close(): void {
    this.#isClosed = true;
    for (const stream of [...this.#byUser.values()].flatMap((mine) => [...mine])) {
      stream.end(END.goingAway, 'The registry is stopping.');
    }
  }
}
