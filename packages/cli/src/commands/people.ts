import type { components, Mahilo } from '@mahilo/client';
import type { Command } from 'commander';
import { addCommand, outputOf } from '../command.ts';
import { CommandError, EXIT } from '../exit.ts';
import type { Output } from '../output.ts';
import { openSession } from '../session.ts';
import { visible } from '../visible.ts';

type Friend = components['schemas']['Friend'];

/** `friends`, `groups` and `agents`. */
export function addPeopleCommands(program: Command): void {
  addFriendsCommand(program);

  addCommand(program, 'groups', 'groups that you are in or invited to', 'mahilo groups').action(
    async (_options, command: Command) => {
      const output = outputOf(command);
      for await (const group of openSession().mahilo.pages('/groups')) {
        const { group_id, name, role, status, member_count } = group;
        const text = `${group_id}  ${name}  ${status === 'active' ? role : status}  ${member_count} members`;
        await output.data(group, visible(text));
      }
    },
  );

  addCommand(program, 'agents', 'your agents, and how they are', 'mahilo agents').action(
    async (_options, command: Command) => {
      const output = outputOf(command);
      for await (const agent of openSession().mahilo.pages('/agents')) {
        const { id, framework, label, mode, health } = agent;
        const text = `${id}  ${framework}/${label}  ${mode}  ${health.state}  ${health.waiting} waiting`;
        await output.data(agent, visible(text));
      }
    },
  );
}

function addFriendsCommand(program: Command): void {
  const friends = addCommand(
    program,
    'friends',
    'your friends, and who asks to be one',
    'mahilo friends',
  ).action(async (_options, command: Command) => {
    const output = outputOf(command);
    const { mahilo } = openSession();
    for (const status of ['accepted', 'pending', 'blocked'] as const)
      await showFriends(output, mahilo, status);
  });

  addCommand(friends, 'add <username>', 'ask somebody for their friendship', 'mahilo friends add ben').action(
    async (username: string, _options, command: Command) => {
      const answer = await openSession().mahilo.request('POST', '/friends/request', { body: { username } });
      await outputOf(command).data(answer, visible(answer.status));
    },
  );

  const change = (
    name: string,
    description: string,
    work: (mahilo: Mahilo, username: string) => Promise<unknown>,
  ) =>
    addCommand(friends, `${name} <username>`, description, `mahilo friends ${name} ben`).action(
      async (username: string, _options, command: Command) => {
        await outputOf(command).data(await work(openSession().mahilo, username), `${DONE[name]}`);
      },
    );
  change('accept', 'accept their request', async (mahilo, username) => {
    const { id } = await friendshipWith(mahilo, username, ['pending'], 'received');
    return mahilo.request('POST', `/friends/${id}/accept`);
  });
  change('reject', 'reject their request', async (mahilo, username) => {
    const { id } = await friendshipWith(mahilo, username, ['pending'], 'received');
    return mahilo.request('POST', `/friends/${id}/reject`);
  });
  change('block', 'no requests and no messages any more, either way', (mahilo, username) =>
    mahilo.request('POST', '/friends/block', { body: { username } }),
  );
  change('remove', 'end a friendship, withdraw a request, or lift a block', async (mahilo, username) => {
    const { id } = await friendshipWith(mahilo, username, ['accepted', 'pending', 'blocked'], undefined);
    return mahilo.request('DELETE', `/friends/${id}`);
  });
}

const DONE: Readonly<Record<string, string>> = {
  accept: 'accepted',
  reject: 'rejected',
  block: 'blocked',
  remove: 'removed',
};

async function showFriends(output: Output, mahilo: Mahilo, status: Friend['status']): Promise<void> {
  for await (const friend of friendsOf(mahilo, status)) {
    const { username, display_name, direction } = friend;
    const isAsking = status === 'pending' && direction === 'received';
    const name = display_name === undefined ? '' : `  ${display_name}`;
    await output.data(friend, visible(`${username}  ${isAsking ? 'asks you' : status}${name}`));
  }
}

function friendsOf(
  mahilo: Mahilo,
  status: Friend['status'],
  filter = '',
): AsyncGenerator<Friend, void, void> {
  return mahilo.pages<Friend>(`/friends?status=${status}${filter}`);
}

/** @throws CommandError when there is none. */
async function friendshipWith(
  mahilo: Mahilo,
  username: string,
  statuses: readonly Friend['status'][],
  direction: Friend['direction'] | undefined,
): Promise<Friend> {
  const name = username.toLowerCase();
  // A registry of before knows no `with`, and lists all.
  for (const status of statuses)
    for await (const friend of friendsOf(mahilo, status, `&with=${encodeURIComponent(name)}`))
      if (friend.username === name && (direction ?? friend.direction) === friend.direction) return friend;
  const what = direction === undefined ? 'friendship, request or block' : 'request';
  throw new CommandError(EXIT.refused, `NOT_FOUND: There is no ${what} of ${visible(username)}.`);
}
