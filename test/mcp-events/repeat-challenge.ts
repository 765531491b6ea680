import type { Behaviour } from '../world/agent-double.ts';

/** A receiver of events that wants them. */
export const repeatChallenge: Behaviour = (_request, response, { json: { challenge } }) => {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ challenge }));
};
