/**
 * What endpoints work with. A part that a server has not (a store) is undefined, and endpoints that
 * need it are not in its table.
 */
import type { ModelRegistry } from './models/model-shelf.ts';
import type { ServerFigures } from './ops/figures.ts';

export interface Services {
  readonly figures: ServerFigures;
  readonly models: ModelRegistry;
  /** The wall clock in seconds since 1970, as `created` has it. */
  nowSeconds(): number;
  /** When the server began. */
  readonly startedAtSeconds: number;
  /** A new id behind a prefix, as `chatcmpl-…`. */
  newId(prefix: string): string;
  readonly version: string;
  /** Changes when answers of a model to the same seed may. */
  fingerprint(modelId: string): string;
  /** Whether no new requests are taken. */
  isDraining(): boolean;
}
