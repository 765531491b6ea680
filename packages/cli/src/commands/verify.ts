import type { Command } from 'commander';
import { addCommand, outputOf } from '../command.ts';
import { bold } from '../output.ts';
import { openKeyedSession } from '../session.ts';
import { visible } from '../visible.ts';

/** `verify`. */
export function addVerifyCommand(program: Command): void {
  addCommand(
    program,
    'verify <username>',
    'the digits that you and somebody else compare, to know that nobody is between you',
    'mahilo verify ben',
  )
    .option('--accept', 'the digits are the same on both sides: their keys are right')
    .option('--group <id>', 'somebody who is no friend, in this group')
    .action(
      async (username: string, { accept, group }: { accept?: boolean; group?: string }, command: Command) => {
        const output = outputOf(command);
        const { mahilo, from } = await openKeyedSession();
        const agents = await mahilo.verify(username, { accept, group, from });
        for (const agent of agents) {
          const { framework, label, standing, safety_number } = agent;
          // Of a member who is no friend the registry shows no more.
          const name = visible([framework, label].filter(Boolean).join('/'));
          await output.data(agent, `${name}  ${STANDINGS[standing]}\n  ${bold(safety_number)}`);
        }
        const who = visible(username);
        if (!accept)
          output.say(
            `${who} sees the same digits with \`mahilo verify\`. Compare them by telephone, say; then \`mahilo verify ${who} --accept\`.`,
          );
      },
    );
}

const STANDINGS = {
  first_use: 'new',
  pinned: 'as before, not compared yet',
  accepted: 'accepted',
  changed: 'CHANGED',
} as const;
