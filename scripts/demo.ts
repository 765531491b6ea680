import { constants } from 'node:os';
import { optionsOrExit } from '@mahilo/operator/command-line';
import { errorText } from '@mahilo/shared/errors';
import { surviveBadLuck } from './demo/bad-luck.ts';
import { DemoError } from './demo/demo-error.ts';
import { lookBack, sumUp, tellHowToPlay, tellNextSteps } from './demo/epilogue.ts';
import { gatherOnTheRoof } from './demo/group.ts';
import { Narrator } from './demo/print.ts';
import { Registry } from './demo/registry.ts';
import { setTheStage } from './demo/stage.ts';
import { holdConversation } from './demo/talk.ts';

const EXIT_FAILED = 1;

const HELP = `Shows what Mahilo Registry is for: two agents talk through a registry, one goes
away, a worker is killed, three meet in a group, and no message is lost. All of
it is real and runs on this machine: an API, workers, a temporary database, the
agents. It takes about fifteen seconds and leaves nothing behind.

npm run demo [-- option…]

  --keep      Leaves it running afterwards, and prints how to play with it.
  --help      Shows this.`;

/** Resolves with the first signal that asks this process to end; a closed output (`| head`) counts as one. */
function asked(): Promise<NodeJS.Signals> {
  const { promise, resolve } = Promise.withResolvers<NodeJS.Signals>();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => resolve(signal));
  process.stdout.on('error', () => resolve('SIGPIPE'));
  return promise;
}

async function play(registry: Registry, narrator: Narrator, keep: boolean): Promise<void> {
  const failed = Promise.withResolvers<never>();
  failed.promise.catch(() => undefined);
  const story = async () => {
    const stage = await setTheStage(registry, narrator, failed.reject);
    await holdConversation(stage);
    const outcome = await surviveBadLuck(stage);
    await lookBack(stage, outcome);
    await sumUp(stage, await gatherOnTheRoof(stage, failed.reject), outcome);
    if (!keep) return tellNextSteps(narrator);
    tellHowToPlay(stage);
    await new Promise(() => undefined);
  };
  await Promise.race([story(), failed.promise, registry.died]);
}

async function main(keep: boolean): Promise<number> {
  const narrator = new Narrator();
  for (const [who, style] of [
    ['nora', 'cyan'],
    ['theo', 'magenta'],
    ['mira', 'yellow'],
    ['registry', 'blue'],
  ] as const)
    narrator.cast(who, style);
  const stopped = asked();
  const registry = new Registry();
  // Runs also when this process ends unexpectedly.
  process.on('exit', () => registry.destroy());
  narrator.title('Mahilo Registry: agents, a registry between them, and some bad luck');
  try {
    const signal = await Promise.race([play(registry, narrator, keep), stopped]);
    if (signal === undefined) return 0;
    process.stderr.write(`\nStopped by ${signal}; nothing is left behind.\n`);
    return 128 + constants.signals[signal];
  } finally {
    narrator.mute();
    await registry.stop();
  }
}

const { values } = optionsOrExit(HELP, { options: { keep: { type: 'boolean', default: false } } });
const exitCode = await main(values.keep).catch((error: unknown) => {
  const reason = error instanceof Error && !(error instanceof DemoError) ? error.stack : errorText(error);
  process.stderr.write(`\nThe demo failed. ${reason}\n`);
  return EXIT_FAILED;
});
// The agents still listen: nothing else would end this process.
process.exit(exitCode);
