import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';

interface Response {
  content?: Readonly<Record<string, unknown>>;
}

interface Operation {
  responses: Readonly<Record<string, Response | { $ref: string }>>;
}

/** The parts of an OpenAPI document that answers are compared with. */
export interface ApiDocument {
  paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  components: Readonly<Record<string, Readonly<Record<string, object>>>>;
}

/** An answer to a request. */
export interface GivenAnswer {
  method: string;
  /** The path, without a query. */
  path: string;
  status: number;
  contentType: string | undefined;
  body: string;
}

interface KnownPath {
  template: string;
  pattern: RegExp;
  operations: Readonly<Record<string, Operation>>;
}

/** Compares answers with an OpenAPI document. Compiles each schema at its first use. */
export class DocumentCheck {
  readonly #document: ApiDocument;
  readonly #ajv: Ajv2020;
  readonly #paths: readonly KnownPath[];
  readonly #compiled = new Map<string, ValidateFunction>();

  constructor(document: ApiDocument) {
    this.#document = closed(document);
    // A schema is compiled for a few answers: what would make its code faster takes longer than it saves.
    const lazily = { inlineRefs: false, code: { optimize: false } };
    this.#ajv = formats.default(new Ajv2020({ strict: false, validateSchema: false, ...lazily }));
    this.#ajv.addSchema(this.#document, 'document');
    this.#paths = Object.entries(this.#document.paths)
      .map(([template, operations]) => ({ template, pattern: patternOf(template), operations }))
      // A path with a fixed segment goes before one with a parameter in its place.
      .sort((a, b) => a.template.split('{').length - b.template.split('{').length);
  }

  /** What is wrong with an answer; undefined when it matches the document. */
  problemOf(answer: GivenAnswer): string | undefined {
    const { method, path, status } = answer;
    const known = this.#paths.find(
      ({ pattern, operations }) => pattern.test(path) && operations[method.toLowerCase()] !== undefined,
    );
    const operation = known?.operations[method.toLowerCase()];
    if (known === undefined || operation === undefined) return this.#problemOfUnknown(answer);
    const { responses } = operation;
    const key = [String(status), `${String(status)[0]}XX`, 'default'].find((name) => responses[name]);
    const response = key === undefined ? undefined : responses[key];
    if (key === undefined || response === undefined)
      return `${method} ${known.template} documents no ${status}`;
    const at =
      '$ref' in response
        ? response.$ref
        : `#/paths/${escaped(known.template)}/${method.toLowerCase()}/responses/${escaped(key)}`;
    const problem = this.#problemOfBody(at, answer);
    return problem && `${method} ${known.template} ${status}: ${problem}`;
  }

  /** Without such an operation, only an error is right. */
  #problemOfUnknown({ method, path, status, body }: GivenAnswer): string | undefined {
    if (!path.startsWith('/api/v1/') || method === 'HEAD') return undefined;
    if (status < 400) return `${method} ${path} is not in the document, and answers ${status}`;
    return this.#problemOfJson('#/components/schemas/Error', body);
  }

  #problemOfBody(at: string, { contentType, body }: GivenAnswer): string | undefined {
    const { content } = this.#resolve(at) as Response;
    const type = contentType?.split(';')[0];
    if (content === undefined) return body === '' ? undefined : 'the document has no body';
    if (type === undefined || content[type] === undefined) return `the document has no ${type}`;
    if (type !== 'application/json') return undefined;
    return this.#problemOfJson(`${at}/content/${escaped(type)}/schema`, body);
  }

  #problemOfJson(pointer: string, body: string): string | undefined {
    const validate =
      this.#compiled.get(pointer) ?? this.#ajv.compile({ $ref: `document${encodeURI(pointer)}` });
    this.#compiled.set(pointer, validate);
    if (validate(JSON.parse(body))) return undefined;
    return `${this.#ajv.errorsText(validate.errors)} in ${body.slice(0, 500)}`;
  }

  #resolve(pointer: string): unknown {
    return pointer
      .split('/')
      .slice(1)
      .reduce<unknown>(
        (part, name) => (part as Record<string, unknown>)[name.replaceAll('~1', '/').replaceAll('~0', '~')],
        this.#document,
      );
  }
}

/** The same document, in which named objects allow no unlisted fields. */
function closed(document: ApiDocument): ApiDocument {
  const schemas = Object.entries(document.components['schemas'] ?? {}).map(([name, schema]) => [
    name,
    'properties' in schema ? { ...schema, unevaluatedProperties: false } : schema,
  ]);
  return { ...document, components: { ...document.components, schemas: Object.fromEntries(schemas) } };
}

function patternOf(template: string): RegExp {
  return new RegExp(`^${template.replaceAll('.', '\\.').replaceAll(/\{[^}]+\}/g, '[^/]+')}$`);
}

function escaped(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}
