import { MahiloError } from '@mahilo/shared/errors';
import { Type } from '../http/type.ts';

export const DIRECTIONS = ['outbound', 'inbound', 'request', 'response', 'notification', 'error'] as const;

/** What kind of message something is. */
export interface Selectors {
  direction: string;
  resource: string;
  action: string;
}

type SelectorName = keyof Selectors;

/** What a message is that says nothing about itself. */
export const DEFAULT_SELECTORS: Selectors = {
  direction: 'outbound',
  resource: 'message.general',
  action: 'share',
};

const MAX_LENGTH = 120;
const WORD = /^[a-z0-9._-]+$/;

/** Resources without a dot, and those with one that clients know; any other needs a dot. */
const UNDOTTED = ['calendar', 'location', 'document', 'contact', 'action', 'meta'];

const word = (description: string, example: string) =>
  Type.String({ minLength: 1, maxLength: 2 * MAX_LENGTH, description, examples: [example] });

/** The selectors of a request, where they stand at its top level or in an object. */
export const selectorFields = {
  direction: Type.Optional(word(`One of ${DIRECTIONS.join(', ')}.`, 'outbound')),
  resource: Type.Optional(word('What it is about: two words with a dot.', 'location.current')),
  action: Type.Optional(word('What is done with it.', 'share')),
};

/** How a request names them; an object wins over the top level, field by field. */
export const selectorsInRequest = {
  ...selectorFields,
  declared_selectors: Type.Optional(
    Type.Object(selectorFields, {
      title: 'DeclaredSelectors',
      description: 'The same three; each wins over the one beside.',
    }),
  ),
};

/** How a request may name what kind of message it is about. */
interface SelectorsInRequest extends Partial<Selectors> {
  declared_selectors?: Partial<Selectors>;
}

/** What kind of message a request is about. @throws MahiloError INVALID_SELECTOR */
export function sendSelectors(request: SelectorsInRequest): Selectors {
  const { declared_selectors: declared } = request;
  return {
    ...DEFAULT_SELECTORS,
    ...normalSelectors(request),
    ...(declared && normalSelectors(declared, 'declared_selectors')),
  };
}

/**
 * Selectors in their one form: without blanks around, in lower case, without superfluous dots.
 * @param path where the fields stand in the request.
 * @throws MahiloError INVALID_SELECTOR
 */
export function normalSelectors(
  given: { readonly [Name in SelectorName]?: string | null | undefined },
  path = '',
): Partial<Selectors> {
  const normal: Partial<Selectors> = {};
  for (const name of ['direction', 'resource', 'action'] as const) {
    const text = given[name];
    if (text != null) normal[name] = normalSelector(name, text, path);
  }
  return normal;
}

function normalSelector(name: SelectorName, text: string, path: string): string {
  const normal = text
    .trim()
    .toLowerCase()
    .replaceAll(/\.{2,}/g, '.')
    .replaceAll(/^\.|\.$/g, '');
  const mistake = mistakeIn(name, normal);
  if (mistake === undefined) return normal;
  const place = path === '' ? name : `${path}.${name}`;
  throw new MahiloError('INVALID_SELECTOR', `${place} ${mistake}.`, {
    details: [{ path: place, message: mistake }],
  });
}

function mistakeIn(name: SelectorName, normal: string): string | undefined {
  if (name === 'direction') {
    const isKnown = DIRECTIONS.some((direction) => direction === normal);
    return isKnown ? undefined : `must be one of ${DIRECTIONS.join(', ')}`;
  }
  if (normal.length > MAX_LENGTH || !WORD.test(normal)) {
    return `must have 1 to ${MAX_LENGTH} letters, digits, dots, underscores or hyphens`;
  }
  const isResource = name !== 'resource' || normal.includes('.') || UNDOTTED.includes(normal);
  return isResource ? undefined : `must have a dot, or be one of ${UNDOTTED.join(', ')}`;
}

/** Whether what is for `wanted` (null: any) is for `actual`. What is inbound for one is the request of the other. */
export function selects(
  wanted: { readonly [Name in SelectorName]: string | null },
  actual: Selectors,
): boolean {
  const isDirection =
    wanted.direction === null || sameDirection(wanted.direction) === sameDirection(actual.direction);
  return (
    isDirection &&
    (wanted.resource === null || wanted.resource === actual.resource) &&
    (wanted.action === null || wanted.action === actual.action)
  );
}

function sameDirection(direction: string): string {
  return direction === 'inbound' ? 'request' : direction;
}
