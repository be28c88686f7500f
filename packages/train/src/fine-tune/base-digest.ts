/**
 * Which model the adapters of a job were trained beside: they fit the weights of no other.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isObject } from '@wafer/core';
import type { Model } from '@wafer/models';
import { modelDigest } from '@wafer/runtime/internal';

const FILE = 'base.json';

/** Notes in the folder of a job what it began with. */
export function noteBase(folder: string, { name, source }: Model): void {
  const facts = { model: name, digest: modelDigest(source) };
  writeFileSync(join(folder, FILE), `${JSON.stringify(facts)}\n`);
}

/** Whether the job of a folder began with the weights of a model. */
export function isBase(folder: string, { source }: Pick<Model, 'source'>): boolean {
  const path = join(folder, FILE);
  if (!existsSync(path)) return false;
  const facts: unknown = JSON.parse(readFileSync(path, 'utf8'));
  return isObject(facts) && facts['digest'] === modelDigest(source);
}
