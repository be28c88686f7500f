/**
 * An adapter as a model of its own: the wafer of its base, whose requests go through the adapter.
 *
 * The base is to be pinned and to load the adapter when it starts: so many models are served from
 * one base, rows of them in one step.
 */
import { assert } from '@wafer/core';
import { ApiError } from '../errors/api-error.ts';
import type { ServedModelSpec } from './model-entry.ts';

/**
 * The spec of an adapter that `base` loads under this name; clients ask for it by the name. Where
 * the base runs without it, they get 503.
 */
export function adapterModel(base: ServedModelSpec, name: string): ServedModelSpec {
  assert(base.isPinned, 'the base of an adapter stays loaded', { base: base.id, name });
  const { restarts, id, owner } = base;
  return {
    ...{ id: name, restarts, owner, adapterOf: id },
    isPinned: false,
    // It takes nothing of its own that could be given back.
    idleMs: Infinity,
    start: async (load) => {
      const wafer = await load(id);
      if (wafer.adapters.some((loaded) => loaded.name === name)) return wafer.adapted(name);
      const message = `the model ${name} is not running: ${id} was started without this adapter`;
      throw new ApiError({ status: 503, code: 'model_unavailable', message });
    },
  };
}
