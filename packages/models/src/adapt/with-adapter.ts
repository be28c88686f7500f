/**
 * A model with a low-rank adapter merged in.
 *
 * Nothing is written: rows are changed as they are read, and come as f32.
 */
import type { LowRank, Model } from '../source/source.ts';
import { unfit } from './adapter-file.ts';
import { openAdapter } from './open-adapter.ts';

/** The model with the adapter of a folder or file. Throws: as `openAdapter`. */
export function withAdapter(model: Model, path: string): Model {
  const { source, spec } = model;
  if (source.kind !== 'files') throw unfit(path, 'changes a model that lies in no file');
  const adapter = openAdapter(spec, path, source.paths.length);
  const changes: Record<string, LowRank> = {};
  const tensors = { ...source.tensors };
  for (const [name, change] of Object.entries(adapter.changes)) {
    changes[name] = { ...change, base: tensors[name]! };
    tensors[name] = { ...tensors[name]!, type: 'f32' };
  }
  const paths = [...source.paths, adapter.path];
  return { ...model, source: { ...source, paths, tensors, changes } };
}
