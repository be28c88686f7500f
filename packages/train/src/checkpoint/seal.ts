/**
 * Seals of a checkpoint: what a flipped bit would change without a trace.
 *
 * Weights and moments have checksums of their values. The other files (config, tokenizer) are
 * hashed as they lie there, and the state itself ends with a hash of all that it says.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { isObject } from '@wafer/core';

/** The state, which is sealed by itself. */
export const STATE_FILE = 'train.json';
/** Files whose values have checksums; reading them twice would take as long as writing them. */
const VALUES: ReadonlySet<string> = new Set(['.safetensors', '.bin']);

/** SHA-256 of each small file of a checkpoint, by name. */
export function sumsOfFiles(folder: string): Record<string, string> {
  const names = readdirSync(folder).filter(
    (name) => name !== STATE_FILE && !VALUES.has(extname(name)),
  );
  return Object.fromEntries(
    names.toSorted().map((name) => [name, sha256(readFileSync(join(folder, name)))]),
  );
}

/** A record with its seal, as text. */
export function sealed(record: Readonly<Record<string, unknown>>): string {
  return `${JSON.stringify({ ...record, seal: sha256(JSON.stringify(record)) }, null, 2)}\n`;
}

/** Refuses a record, or files beside it, that are not as they were written. */
export function checkSeal(folder: string, { seal, ...record }: Record<string, unknown>): void {
  if (seal !== sha256(JSON.stringify(record))) throw new Error('its state has another checksum');
  const actual = sumsOfFiles(folder);
  const { files } = record;
  if (!isObject(files)) throw new Error('its files have no checksums');
  for (const [name, sum] of Object.entries(files)) {
    if (actual[name] !== sum) throw new Error(`${name} has another checksum`);
  }
}

function sha256(bytes: string | Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
