/**
 * What endpoints work with.
 */
import type { ModelRegistry } from './models/model-shelf.ts';
import type { Secrets } from './store/secrets.ts';
import type { StoredKeys } from './tenants/stored-keys.ts';
import type { ServerFigures } from './figures.ts';
import type { Directory } from './tenants/directory.ts';
import type { Metering } from './usage/meter.ts';
import type { Store } from './store/store.ts';

export interface Services {
  readonly figures: ServerFigures;
  readonly models: ModelRegistry;
  /** What clients asked to be kept: a file, or memory. */
  readonly store: Store;
  /** What they may carry on without having asked: memory. */
  readonly recent: Store;
  /** Seals texts that clients carry. */
  readonly secrets: Secrets;
  /** Keys that administrators made. */
  readonly keys: StoredKeys;
  /** Organizations and projects. */
  readonly directory: Directory;
  /** Limits, and what was used. */
  readonly usage: Metering;
  /** Works on batches. */
  readonly batches: {
    start(tenant: string, id: string): void;
    stop(tenant: string, id: string): void;
  };
  /** Works on fine-tuning jobs, and keeps what they made. Undefined: it cannot be done. */
  readonly fineTuning: {
    start(tenant: string, id: string): void;
    pause(key: { tenant: string; id: string }): object | undefined;
    resume(key: { tenant: string; id: string }): object | undefined;
    cancel(key: { tenant: string; id: string }): object | undefined;
    deleteModel(id: string): Promise<void>;
    erase(tenant: string): Promise<void>;
  };
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
