/** A change of the schema, as each dialect writes it. */
export interface SchemaChange {
  readonly sqlite: readonly string[];
  readonly postgres: readonly string[];
}
