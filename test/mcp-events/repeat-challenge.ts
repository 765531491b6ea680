import type { Behaviour } from '../world/agent-double.ts';

/** Answers a challenge as a receiver that wants the events. */
export const repeatChallenge: Behaviour = (_request, response, { json: { challenge } }) => {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ challenge }));
};
