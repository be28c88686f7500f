/**
 * Traces that come along, by name: the first requests of those that are measured with most. Where
 * they are from and under which licenses stands beside them (`traces/README.md`).
 */
import { fileURLToPath } from 'node:url';

const FILES: Readonly<Record<string, string>> = {
  'azure-chat': 'azure-chat.csv',
  'azure-code': 'azure-code.csv',
  mooncake: 'mooncake.jsonl',
};

export const OWN_TRACES: readonly string[] = Object.keys(FILES);

/** Path of a trace: of one that comes along by its name, else as it is given. */
export function tracePath(named: string): string {
  const file = Object.hasOwn(FILES, named) ? FILES[named] : undefined;
  return file === undefined
    ? named
    : fileURLToPath(new URL(`../../traces/${file}`, import.meta.url));
}
