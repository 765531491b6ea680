import type { MahiloError } from '@mahilo/shared/errors';
import { type CallToolResult, ProtocolError, ProtocolErrorCode } from '@modelcontextprotocol/server';
import { assertCovered, covers } from '../access/scopes.ts';
import { forCaller } from '../http/error-handler.ts';
import { mailTools } from './mail-tools.ts';
import { peopleTools } from './people-tools.ts';
import type { Session } from './session.ts';
import { RejectedByPolicy, type Tool, type ToolAnswer } from './tool.ts';

const TOOLS: ReadonlyMap<string, Tool> = new Map(
  [...mailTools, ...peopleTools].map((tool) => [tool.listed.name, tool]),
);

/** The tools that the caller's key may use. */
export function toolsOf({ caller }: Session): Tool['listed'][] {
  return [...TOOLS.values()].filter(({ route }) => covers(caller, route)).map(({ listed }) => listed);
}

/**
 * Calls a tool. What goes wrong is its result, which the model reads and can act on.
 * @throws ProtocolError for a tool that does not exist.
 */
export async function callTool(session: Session, name: string, input: unknown): Promise<CallToolResult> {
  const tool = TOOLS.get(name);
  if (tool === undefined) {
    throw new ProtocolError(ProtocolErrorCode.InvalidParams, `There is no tool with the name ${name}.`);
  }
  try {
    assertCovered(session.caller, tool.route);
    return result(await tool.call(session, input ?? {}));
  } catch (thrown) {
    if (thrown instanceof RejectedByPolicy) return rejection(session, thrown);
    session.deps.telemetry.requestFailed(thrown);
    return failure(session, forCaller(thrown, session.request));
  }
}

function result({ _meta, ...answer }: ToolAnswer): CallToolResult {
  const text = JSON.stringify(answer);
  return { content: [{ type: 'text', text }], structuredContent: JSON.parse(text), ...(_meta && { _meta }) };
}

function failure({ request }: Session, error: MahiloError): CallToolResult {
  const { code, message, retryAfterSeconds } = error;
  const advice = retryAfterSeconds === undefined ? '' : ` Try again in ${retryAfterSeconds} s.`;
  return errorResult(`${code}: ${message}${advice}`, { code, error: message, request_id: request.id });
}

function rejection({ request }: Session, { message: reason, messageId }: RejectedByPolicy): CallToolResult {
  const code = 'REJECTED_BY_POLICY';
  const structured = { code, error: reason, request_id: request.id, message_id: messageId };
  return errorResult(`${code}: ${reason}`, structured);
}

function errorResult(text: string, structuredContent: Record<string, unknown>): CallToolResult {
  return { isError: true, content: [{ type: 'text', text }], structuredContent };
}
