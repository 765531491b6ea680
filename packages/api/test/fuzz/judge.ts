import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import type { Document } from '../../src/reference/complete.ts';
import type { FuzzRequest } from './requests.ts';

/** An answer of the API. */
export interface FuzzAnswer {
  status: number;
  body: string;
}

/** Refusals that no schema can express: the form is right, the request is not. */
const OF_THE_MOMENT = [
  /is your own/,
  /must be in the future/,
  // 29 February.
  /must be an ISO 8601 time/,
  /is not one that this list gave out/,
  /of the owner changes by a transfer only/,
  /of a group never changes/,
  /must be an active member/,
  /is not the same as the Idempotency-Key header/,
  /is for a message to a user/,
  // Only a group has no key of its own.
  /^encryption\.key_id is required/,
  // Thumbprints, points on curves, and private parts.
  /^public_keys?\b/,
];

/** Says whether the document and the API take the same requests. */
export class Judge {
  readonly #ajv: Ajv2020;
  readonly #compiled = new Map<string, ValidateFunction | undefined>();
  readonly #document: Document;

  constructor(document: Document) {
    this.#document = document;
    this.#ajv = formats.default(new Ajv2020({ strict: false, validateSchema: false }));
    this.#ajv.addSchema(document, 'document');
  }

  /** What is wrong with the answer to a request; undefined: nothing. */
  problemOf(request: FuzzRequest, { status, body }: FuzzAnswer): string | undefined {
    if (status >= 500 && request.template !== '/ready') return `${status}`;
    if (request.raw !== undefined || request.body === undefined) return undefined;
    const validate = this.#bodyOf(request);
    if (validate === undefined || request.user === -1) return undefined;
    const isAllowed = validate(JSON.parse(JSON.stringify(request.body)));
    if (!isAllowed && status < 300) {
      return `takes what the document forbids: ${this.#ajv.errorsText(validate.errors)}`;
    }
    if (!isAllowed || request.mutation !== undefined || status !== 400) return undefined;
    const { code, error } = JSON.parse(body) as { code: string; error: string };
    if (code !== 'INVALID_REQUEST' || OF_THE_MOMENT.some((pattern) => pattern.test(error))) return undefined;
    return `refuses what the document allows: ${error}`;
  }

  #bodyOf({ template, method }: FuzzRequest): ValidateFunction | undefined {
    const key = `${template} ${method}`;
    if (!this.#compiled.has(key)) {
      const content = this.#document.paths[template]?.[method.toLowerCase()]?.requestBody?.content;
      const schema = content?.['application/json']?.schema;
      const path = template.replaceAll('~', '~0').replaceAll('/', '~1');
      const pointer = `#/paths/${path}/${method.toLowerCase()}/requestBody/content/application~1json/schema`;
      this.#compiled.set(key, schema && this.#ajv.compile({ $ref: `document${encodeURI(pointer)}` }));
    }
    return this.#compiled.get(key);
  }
}
