/**
 * Ids of things: a prefix, an underscore, 32 hexadecimal digits.
 */
/** Makes ids of a server. */
export function idMaker({ newId }: { newId(prefix: string): string }): (prefix: string) => string {
  return (prefix) => newId(prefix).replace('-', '_');
}
