import type { paths } from './openapi.ts';

export type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';

/** `/friends/{id}` as `/friends/${string}`. */
type Concrete<Path extends string> = Path extends `${infer Head}{${string}}${infer Tail}`
  ? `${Head}${string}${Concrete<Tail>}`
  : Path;

type WithoutQuery<Path extends string> = Path extends `${infer Before}?${string}` ? Before : Path;

/** The paths of the document that a path may be one of. */
type Documented<Path extends string> = {
  [Key in keyof paths]: `/api/v1${WithoutQuery<Path>}` extends Concrete<Key> ? Key : never;
}[keyof paths];

type JsonOf<Response> = Response extends { content: { 'application/json': infer Json } } ? Json : never;

type Success<Operation> = Operation extends { responses: infer Responses }
  ? { [Status in keyof Responses]: JsonOf<Responses[Status]> }[keyof Responses]
  : never;

type AnswerOf<M extends Method, Key extends keyof paths> = Key extends keyof paths
  ? Success<paths[Key][Lowercase<M>]>
  : never;

/** What the API answers, as far as the path tells; else unknown. */
export type AnswerTo<M extends Method, Path extends string> = [AnswerOf<M, Documented<Path>>] extends [never]
  ? unknown
  : AnswerOf<M, Documented<Path>>;

/** An item of the list that the API answers. */
export type ItemOf<Path extends string> = AnswerTo<'GET', Path> extends (infer Item)[] ? Item : unknown;
