// Prints what this agent is sent, and says that it has it. Needs Node 18 or newer.
import { setTimeout as sleep } from 'node:timers/promises';

async function ask(path, body) {
  const response = await fetch(`REGISTRY_ORIGIN/api/v1${path}`, {
    headers: { authorization: 'Bearer AGENT_KEY', 'content-type': 'application/json' },
    ...(body && { method: 'POST', body: JSON.stringify(body) }),
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.error);
  return answer;
}

for (;;) {
  try {
    for (const { sender, message, receipt } of await ask('/inbox?wait=30')) {
      console.log(`${sender}: ${JSON.stringify(message)}`);
      // Do something with it here. To answer: await ask('/messages/send', { recipient: sender, message: '…' });
      // What is not acknowledged comes again after a minute.
      await ask('/inbox/ack', { receipts: [receipt] });
    }
  } catch (error) {
    console.error(error.message);
    await sleep(5000);
  }
}
