import { A2A_TASK } from './a2a.ts';
import { AGENT_THAT_IS_DOWN } from './delivery.ts';
import { FETCHED_MESSAGE, WAITING_POLL } from './inbox.ts';
import { CONVERSATION_OF_HOSTS } from './mcp.ts';
import { DECIDED_MESSAGE } from './plugin.ts';
import { REVIEW } from './reviews.ts';
import type { Story } from './story.ts';

export const STORIES: readonly Story[] = [
  AGENT_THAT_IS_DOWN,
  CONVERSATION_OF_HOSTS,
  A2A_TASK,
  REVIEW,
  DECIDED_MESSAGE,
  WAITING_POLL,
  FETCHED_MESSAGE,
];
