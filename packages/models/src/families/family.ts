/**
 * What a family file says: how configs of its models map to a `ModelSpec` and back, and where
 * their tensors lie. Differences between families are data here; the forward path has none.
 */
import { WaferError } from '@wafer/core';
import type { ModelSpec, RopeSpec } from '@wafer/core';
import type { Fields } from '../source/fields.ts';
import type { GgufPair } from '../gguf/gguf-bytes.ts';
import type { NameTable } from './tensor-places.ts';

/** Which elements of a head are rotated together in a format's rows. */
export type RopeLayout = RopeSpec['layout'];

/** A family's models as Hugging Face folders. */
export interface HfFamily {
  /** What configs call it; the first is written. */
  architectures: readonly string[];
  modelType: string;
  layout: RopeLayout;
  names: NameTable;
  /** Sizes of the configuration class, which a config inside of another one may leave out. */
  usualSizes?: Readonly<Record<string, number>>;
  /** Whether experts may be kept as MXFP4, numbers and exponents apart. */
  packsExperts?: true;
  /** The fields of the text model, and what goes before the names of its tensors. */
  textOf?: (fields: Fields, architecture: string) => { fields: Fields; prefix: string };
  /** Throws: CONFIG_INVALID, MODEL_UNSUPPORTED. */
  read(fields: Fields): ModelSpec;
  /** What `read` turns into the spec, as far as such a config can say it. */
  write(spec: ModelSpec): Record<string, unknown>;
}

/** What besides plain metadata decides a spec. */
export interface GgufContents {
  hasTensor(name: string): boolean;
  /** Tokens in the vocabulary; undefined without one. */
  tokenCount: number | undefined;
  /** Rows of `token_embd.weight`. */
  embeddingRows: number | undefined;
  /** `rope_freqs.weight`. */
  frequencyFactors: readonly number[] | undefined;
  /** An array of booleans; undefined where the key is absent. Throws: GGUF_INVALID. */
  booleans(key: string): boolean[] | undefined;
  /** An array of numbers; undefined where the key is absent. Throws: GGUF_INVALID. */
  numbers(key: string): number[] | undefined;
}

/** A family's models as GGUF files. */
export interface GgufFamily {
  architecture: string;
  layout: RopeLayout;
  names: NameTable;
  /** Throws: CONFIG_INVALID, MODEL_UNSUPPORTED. */
  read(fields: Fields, contents: GgufContents): ModelSpec;
  /** What `read` turns into the spec, as far as such keys can say it. */
  write(spec: ModelSpec): GgufPair[];
}

/** One family in both formats. */
export interface FamilyFiles {
  family: string;
  /** A tiny shape that uses all features of the family. */
  tiny: ModelSpec;
  hf: HfFamily;
  gguf: GgufFamily;
}

/** The error of a model that Wafer does not run. */
export function unsupported(
  path: string,
  architecture: string,
  supported: readonly string[],
): WaferError {
  return new WaferError('MODEL_UNSUPPORTED', { path, architecture, supported });
}
