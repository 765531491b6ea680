import { useState } from 'preact/hooks';
import { useLocation } from 'preact-iso/router';
import { PingAgent } from '../agents/ping.tsx';
import type { Agent } from '../api.ts';
import { CodeBlock } from '../parts/copy.tsx';
import { Tabs } from '../parts/tabs.tsx';
import { Time } from '../parts/time.tsx';
import {
  CALLBACK_WAYS,
  type CallbackWay,
  callbackText,
  isHost,
  POLLING_WAYS,
  type PollingWay,
  pollingText,
} from './programs.ts';
import type { Shown } from './shown.ts';

/** Where the programs listen, unless the address says something else. */
const PORT = 4000;

/** What the agent runs, to be pasted, and whether the registry has seen it. */
export function ProgramStep({ agent, shown }: { agent: Agent; shown: Shown }) {
  return agent.callback_url === undefined ? (
    <Polling agent={agent} shown={shown} />
  ) : (
    <Called agent={agent} shown={shown} url={agent.callback_url} />
  );
}

function fillingOf({ key = 'YOUR_KEY', callbackSecret = 'YOUR_SECRET' }: Shown, port: number) {
  return { origin: location.origin, key, secret: callbackSecret, port };
}

function Polling({ agent, shown }: { agent: Agent; shown: Shown }) {
  const { query } = useLocation();
  const [way, setWay] = useState<PollingWay>(query['way'] === 'mcp' ? 'claude' : 'curl');
  const text = pollingText(way, fillingOf(shown, PORT));
  return (
    <Tabs label="How it is written" tabs={POLLING_WAYS} chosen={way} choose={setWay}>
      <p>
        {way === 'mcp' && 'Put this into the configuration of the host, and start it again.'}
        {way === 'claude' && 'Paste this into a terminal, and start Claude Code.'}
        {!isHost(way) &&
          'Paste this into a terminal. It writes the program into the folder that you are in, and runs it.'}
      </p>
      <Missing names={shown.key === undefined ? ['YOUR_KEY'] : []} />
      <CodeBlock text={text} what={isHost(way) ? 'the configuration' : 'the program'} />
      {isHost(way) && (
        <p>
          Then tell it: <em>Check my Mahilo inbox.</em>
        </p>
      )}
      <Waiting agent={agent} for="It asks for its inbox as soon as it runs." />
    </Tabs>
  );
}

function Called({ agent, shown, url }: { agent: Agent; shown: Shown; url: string }) {
  const [way, setWay] = useState<CallbackWay>('node');
  const { hostname, port } = new URL(url);
  const isHere = hostname === 'localhost' || hostname === '127.0.0.1' || hostname === '[::1]';
  const listensOn = isHere && port !== '' ? Number(port) : PORT;
  return (
    <Tabs label="How it is written" tabs={CALLBACK_WAYS} chosen={way} choose={setWay}>
      <p>
        Paste this into a terminal where the agent runs. It listens on port {listensOn}; let what takes{' '}
        {hostname} pass it on there.
      </p>
      <Missing
        names={[
          ...(shown.key === undefined ? ['YOUR_KEY'] : []),
          ...(shown.callbackSecret === undefined ? ['YOUR_SECRET'] : []),
        ]}
      />
      <CodeBlock text={callbackText(way, fillingOf(shown, listensOn))} what="the program" />
      <div class="actions">
        <PingAgent agent={agent}>It runs: look for it</PingAgent>
      </div>
      <Waiting agent={agent} for="The registry sees it when it answers a ping, or takes a message." />
    </Tabs>
  );
}

/** What was shown once, before, is not in the program. */
function Missing({ names }: { names: readonly string[] }) {
  if (names.length === 0) return null;
  return (
    <p class="note">
      In place of <code>{names.join(' and ')}</code> put what you have kept. What you have not, you make anew
      in the step above, and it stands here.
    </p>
  );
}

function Waiting({ agent, for: sentence }: { agent: Agent; for: string }) {
  if (agent.last_seen === undefined) {
    return (
      <p>
        <span class="state" aria-hidden="true">
          ○
        </span>{' '}
        Waiting for it … {sentence}
      </p>
    );
  }
  return (
    <p>
      <span class="state well" aria-hidden="true">
        ●
      </span>{' '}
      It was here <Time at={agent.last_seen} />.
    </p>
  );
}
