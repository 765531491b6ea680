import type { Tool as ListedTool, ToolAnnotations } from '@modelcontextprotocol/server';
import type { Static, TObject } from 'typebox';
import { compileValidator } from '../http/validation.ts';
import type { Session } from './session.ts';

/** The result of a tool; what it has in `_meta` stands beside what models are shown. */
export type ToolAnswer = object & { _meta?: Record<string, unknown> };

interface ToolDefinition<Input extends TObject> {
  name: string;
  description: string;
  input: Input;
  annotations: ToolAnnotations;
  /** The route of the REST API that does the same: the keys that may use the one may use the other. */
  route: string;
  /** @throws MahiloError or RejectedByPolicy, which the model is shown. */
  run(session: Session, input: Static<Input>): Promise<ToolAnswer>;
}

/** A tool of the MCP server. */
export interface Tool {
  route: string;
  /** As hosts are shown it. */
  listed: ListedTool;
  /** @throws what `run` throws, and the mistakes in the arguments in the form of Fastify's validation. */
  call(session: Session, input: unknown): Promise<ToolAnswer>;
}

/** A policy forbids a message, which was stored for its sender to see. */
export class RejectedByPolicy extends Error {
  override name = 'RejectedByPolicy';
  readonly messageId: string;

  constructor(reason: string, messageId: string) {
    super(reason);
    this.messageId = messageId;
  }
}

/** A tool of the MCP server, whose arguments are validated as a body is. */
export function tool<Input extends TObject>(definition: ToolDefinition<Input>): Tool {
  const { name, description, input: schema, annotations, route, run } = definition;
  const validate = compileValidator({ schema, method: 'POST', url: '/mcp', httpPart: 'body' });
  return {
    route,
    listed: { name, description, inputSchema: published(schema), annotations },
    async call(session, input) {
      const verdict = validate(input);
      if (typeof verdict === 'object' && 'error' in verdict) {
        const mistakes = { validation: verdict.error, validationContext: 'arguments' };
        throw Object.assign(new Error('The arguments are not valid.'), mistakes);
      }
      return run(session, input as Static<Input>);
    },
  };
}

/** Without the keywords that only this API knows: some hosts refuse a tool with a format that is unknown to them. */
export function published(schema: TObject): ListedTool['inputSchema'] {
  return JSON.parse(
    JSON.stringify(schema, (key, value) =>
      (key === 'format' && typeof value === 'string') || key === 'maxBytes' ? undefined : value,
    ),
  );
}
