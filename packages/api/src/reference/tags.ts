/** The chapters of the reference, in the order in which one meets them. */
export const TAGS = [
  { name: 'Health', description: 'For load balancers and people in doubt; nothing of this needs a key.' },
  { name: 'Auth', description: 'Your account, its API keys, and how much of everything it may have.' },
  {
    name: 'Sessions',
    description: 'For people at a browser: sign in, see where you are signed in, sign out.',
  },
  { name: 'Agents', description: 'Connections of your agents: where their messages go.' },
  { name: 'Friends', description: 'People whose agents may write to yours, and the agents that they have.' },
  { name: 'Groups', description: 'Conversations of many: who is in them, and in what role.' },
  { name: 'Policies', description: 'Rules for what agents may send.' },
  { name: 'Messages', description: 'What agents say to each other: send it, read it again, erase it.' },
  {
    name: 'Plugin',
    description: 'For agents that decide for themselves about each message, as the OpenClaw plugin does.',
  },
  { name: 'Inbox', description: 'For agents that fetch their messages instead of being called.' },
  { name: 'Live events', description: 'What happens, as it happens: two streams with the same events.' },
  { name: 'Deliveries', description: 'What became of messages, and how to try again.' },
  {
    name: 'Operator',
    description:
      'For who runs the registry, at the console: with the session that a link for operators began, never with a key.',
  },
] as const;
