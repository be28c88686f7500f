/**
 * `--adapter`: low-rank adapters beside a model, merged at load or served from it.
 *
 *     --adapter PATH         merged into the weights, at no cost per token
 *     --adapter NAME=PATH    in a slot of the wafer: the base stays as it is stored
 */
import { existsSync } from 'node:fs';
import { ADAPTER_TARGETS, ATTENTION_MATRICES, FFN_MATRICES } from '@wafer/core';
import { openAdapter, readChanges, withAdapter } from '@wafer/models';
import type { AdapterOptions, Model, Wafer } from '@wafer/runtime';
import { UsageError } from '../failures/failures.ts';

/** An adapter that has a name. */
export interface NamedAdapter {
  name: string;
  path: string;
}

const NAMED = /^([A-Za-z0-9_.:@-]+)=(.+)$/;

/** What one flag says; undefined where it names a path alone. */
export function namedAdapter(text: string): NamedAdapter | undefined {
  if (existsSync(text)) return undefined;
  const [, name, path] = NAMED.exec(text) ?? [];
  return name === undefined || path === undefined ? undefined : { name, path };
}

/** Those that are served under a name each. Throws: UsageError. */
export function namedAdapters(texts: readonly string[]): NamedAdapter[] {
  const named = texts.map((text) => {
    const adapter = namedAdapter(text);
    if (adapter === undefined) throw new UsageError(`--adapter ${text}: give NAME=PATH`);
    return adapter;
  });
  if (new Set(named.map(({ name }) => name)).size < named.length) {
    throw new UsageError('two adapters have one name; give --adapter another NAME');
  }
  return named;
}

/** Slots for adapters that come later, and their rank. */
export interface FreeSlots {
  count: number;
  rank: number;
}

/** Room for adapters of a model, as large as they need, and more. Throws: as `openAdapter`. */
export function roomFor(
  { spec }: Model,
  adapters: readonly NamedAdapter[],
  free: FreeSlots = { count: 0, rank: 1 },
): AdapterOptions | undefined {
  const slots = adapters.length + free.count;
  if (slots === 0) return undefined;
  const changes = adapters.flatMap(({ path }) => Object.values(openAdapter(spec, path).changes));
  const least = free.count > 0 ? free.rank : 1;
  const rank = changes.reduce((largest, one) => Math.max(largest, one.rank), least);
  const parts = new Set(changes.map(({ a }) => a.role.part));
  // What comes later may change any matrix of a dense layer.
  if (free.count > 0) for (const part of [...ATTENTION_MATRICES, ...FFN_MATRICES]) parts.add(part);
  // What has no slots, as the head, is refused by its name when it is loaded.
  const targets = ADAPTER_TARGETS.filter((matrix) => parts.has(matrix));
  return { slots, rank, ...(targets.length > 0 && { targets }) };
}

/** Those whose files can still be read; `onLost` is told of the others. */
export function readableAdapters(
  { spec }: Model,
  adapters: readonly NamedAdapter[],
  onLost: (name: string, error: unknown) => void,
): NamedAdapter[] {
  return adapters.filter(({ name, path }) => {
    try {
      for (const _ of readChanges(openAdapter(spec, path)));
      return true;
    } catch (error) {
      onLost(name, error);
      return false;
    }
  });
}

/** The model of a command with its one adapter, which is merged unless it has a name. */
export function adaptedModel(
  base: Model,
  text: string | undefined,
): { model: Model; adapters: NamedAdapter[] } {
  if (text === undefined) return { model: base, adapters: [] };
  const named = namedAdapter(text);
  if (named !== undefined) return { model: base, adapters: [named] };
  return { model: withAdapter(base, text), adapters: [] };
}

/** Loads adapters; the wafer through the first, or itself without any. Throws: ADAPTER_*. */
export async function loadAdapters(
  wafer: Wafer,
  adapters: readonly NamedAdapter[],
): Promise<Wafer> {
  for (const { name, path } of adapters) await wafer.loadAdapter(path, { name });
  const [first] = adapters;
  return first === undefined ? wafer : wafer.adapted(first.name);
}
