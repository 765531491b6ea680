import {
  type CallToolResult,
  Client,
  StreamableHTTPClientTransport,
  type VersionNegotiationMode,
} from '@modelcontextprotocol/client';

/** A revision that pins the client to the modern era, or the earlier one. */
export type Era = '2026-07-28' | '2025-11-25';

/** A host such as Claude Code, with the official client. */
export class McpHost implements AsyncDisposable {
  readonly client: Client;

  constructor(client: Client) {
    this.client = client;
  }

  static async connect(url: string, apiKey: string, era: Era = '2026-07-28'): Promise<McpHost> {
    const mode: VersionNegotiationMode = era === '2025-11-25' ? 'legacy' : { pin: era };
    const client = new Client({ name: 'test-host', version: '1' }, { versionNegotiation: { mode } });
    const headers = { authorization: `Bearer ${apiKey}` };
    await client.connect(
      new StreamableHTTPClientTransport(new URL(`${url}/mcp`), { requestInit: { headers } }),
    );
    return new McpHost(client);
  }

  async call(
    name: string,
    input: Record<string, unknown> = {},
    signal?: AbortSignal,
  ): Promise<CallToolResult> {
    return this.client.callTool({ name, arguments: input }, signal && { signal });
  }

  /** {@link call}, and asserts success. */
  // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever the answer holds
  async ok(name: string, input: Record<string, unknown> = {}): Promise<any> {
    const { isError, content, structuredContent } = await this.call(name, input);
    if (isError) throw new Error(`${name}: ${JSON.stringify(content)}`);
    return structuredContent;
  }

  /** {@link call}, and asserts an error. @returns its code. */
  async refused(name: string, input: Record<string, unknown> = {}): Promise<unknown> {
    const { isError, structuredContent } = await this.call(name, input);
    return isError ? new Map(Object.entries(structuredContent ?? {})).get('code') : undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.client.close();
  }
}
