import { StartedProcess } from '../rig/started-process.ts';
import type { PostLoopQuestion } from './post-loop.ts';

export interface PostLoop extends AsyncDisposable {
  started: StartedProcess;
  /** @returns how long it took (ms). */
  post(question: PostLoopQuestion): Promise<number>;
}

export function startPostLoop(): PostLoop {
  const started = new StartedProcess({ script: 'bench/bare/post-loop.ts', ipc: true });
  return {
    started,
    post: async (question) => Number(await started.ask(question)),
    [Symbol.asyncDispose]: () => started[Symbol.asyncDispose](),
  };
}
