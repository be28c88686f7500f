/**
 * Which model the adapters of a job were trained beside: they fit the weights of no other.
 */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isObject } from '@wafer/core';
import type { Model } from '@wafer/models';
import { modelDigest } from '@wafer/runtime/internal';

const FILE = 'base.json';

/** Notes in the folder of a job what it began with. */
export function noteBase(folder: string, { name, source }: Model): void {
  const facts = { model: name, digest: modelDigest(source) };
  const path = join(folder, FILE);
  writeFileSync(`${path}.partial`, `${JSON.stringify(facts)}\n`);
  renameSync(`${path}.partial`, path);
}

/** Whether the job of a folder began with weights of a digest; not so where nothing tells. */
export function isBase(folder: string, digest: string): boolean {
  let facts: unknown;
  try {
    facts = JSON.parse(readFileSync(join(folder, FILE), 'utf8'));
  } catch {
    return false; // made before such notes, or not readable
  }
  return isObject(facts) && facts['digest'] === digest;
}
