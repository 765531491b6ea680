import type { Client } from '../world/client.ts';

/** Ann calls an agent of Ben's by A2A: asked, answered, listed, and taken back. */
export async function a2a(ann: Client, ben: Client): Promise<void> {
  const agent = await ben.connectPolling('called');
  const call = async (method: string, params: object) => {
    const request = { jsonrpc: '2.0', id: 1, method, params };
    const { result, error } = await ann.ok('POST', `//a2a/ben/${agent}`, request, { 'a2a-version': '1.0' });
    if (error !== undefined) throw new Error(`${method}: ${JSON.stringify(error)}`);
    return result;
  };
  const ask = async (messageId: string): Promise<string> => {
    const message = { messageId, role: 'ROLE_USER', parts: [{ text: 'hello' }] };
    const { task } = await call('SendMessage', { message, configuration: { returnImmediately: true } });
    return task.id;
  };
  await ann.ok('GET', `//a2a/ben/${agent}/.well-known/agent-card.json`);
  const id = await ask('one');
  await ben.send(ann, 'an answer', { in_response_to: id });
  await call('GetTask', { id });
  await call('CancelTask', { id: await ask('two') });
  await call('ListTasks', { includeArtifacts: true });
}
