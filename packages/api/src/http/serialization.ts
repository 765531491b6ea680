import { type SerializerFactory, SerializerSelector } from '@fastify/fast-json-stringify-compiler';

type Serialize = (answer: unknown) => string;

/** By schema, which is a constant of its route: all APIs of a process share them. */
const serializers = new WeakMap<object, Serialize>();

/**
 * Fastify's own serializers, each built when its route first answers: to build all of them takes a good part of the
 * start of an API, and most routes are rarely called.
 */
export const buildSerializer: SerializerFactory = (namedSchemas) => (route) => {
  const schema = Object(route.schema);
  const built = (): Serialize => {
    // A compiler of its own: one forgets the names of schemas that it has compiled.
    const serialize = serializers.get(schema) ?? SerializerSelector()(namedSchemas)(route);
    serializers.set(schema, serialize);
    return serialize;
  };
  let serialize: Serialize | undefined;
  return (answer) => {
    serialize ??= built();
    return serialize(answer);
  };
};
