import type { Command } from 'commander';
import { addCommand, outputOf, wholeNumber } from '../command.ts';
import { hookClaude } from '../mcp/hook.ts';
import { openKeyedSession } from '../session.ts';

/** `mcp` and `hook`: for programs that run an agent. */
export function addHostCommands(program: Command): void {
  addCommand(
    program,
    'mcp',
    'the registry as an MCP server on stdio, with your key, for hosts that start a program',
    'claude mcp add mahilo -- mahilo mcp',
  )
    .option('--channel', 'wake Claude Code for each new message (a channel)')
    .action(async ({ channel = false }: { channel?: boolean }, command: Command) => {
      const session = await openKeyedSession();
      // The SDK would double the start of every other command.
      const { serveMcp } = await import('../mcp/bridge.ts');
      await serveMcp(session, outputOf(command), channel);
    });

  const hook = addCommand(program, 'hook', 'what a host runs by itself', 'mahilo hook claude');
  addCommand(
    hook,
    'claude',
    'print the messages that wait, and mark none as read: for SessionStart and UserPromptSubmit of Claude Code',
    'mahilo hook claude',
  )
    .option('--within <seconds>', 'give up after so long', wholeNumber(1, 60), 1)
    .action(({ within }: { within: number }) => hookClaude(within * 1000));
}
