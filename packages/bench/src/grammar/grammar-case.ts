/**
 * A schema, and instances of which it is known whether they are valid.
 */
export interface GrammarCase {
  name: string;
  schema: unknown;
  instances: readonly { isValid: boolean; value: unknown }[];
}
