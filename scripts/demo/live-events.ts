export interface LiveEvent {
  type: string;
  data: Readonly<Record<string, unknown>>;
}

/** The events of a stream of Server-Sent Events, as they arrive. */
export async function* liveEvents({ body }: Response): AsyncGenerator<LiveEvent> {
  if (body === null) return;
  let rest = '';
  for await (const chunk of body.pipeThrough(new TextDecoderStream())) {
    const blocks = `${rest}${chunk}`.split('\n\n');
    rest = blocks.pop() ?? '';
    for (const block of blocks) {
      const data = /^data: (.*)$/m.exec(block)?.[1];
      if (data !== undefined) yield JSON.parse(data);
    }
  }
}
