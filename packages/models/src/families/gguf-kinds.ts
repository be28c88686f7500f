/**
 * GGUF files that are sound and no language model: what they are, and what to do instead.
 *
 * Source: ggml, docs/gguf.md (`general.type`); the architectures that llama.cpp and others write.
 */
import type { Fields } from '../source/fields.ts';
import { kindError } from './other-kinds.ts';

const GENERATION = 'take a model for text generation';

const ADAPTER: readonly [string, string] = [
  'is an adapter (LoRA), not a whole model',
  'open its model with it: wafer run BASE --adapter FILE',
];

/** By `general.type`. */
const TYPES: ReadonlyMap<string, readonly [string, string]> = new Map([
  [
    'mmproj',
    [
      'is the part of a model that reads images or sound (mmproj)',
      'give the file of the language model that lies beside it; Wafer reads text alone',
    ],
  ],
  ['adapter', ADAPTER],
  ['imatrix', ['holds statistics for quantizing, and no model', 'give the file of the model']],
  [
    'vocab',
    ['holds a vocabulary without weights', 'give the file of the whole model; tokenize takes it'],
  ],
]);

/** By `general.architecture`, each pattern from its beginning on. */
const ARCHITECTURES: readonly (readonly [RegExp, string, string])[] = [
  [/^clip$/, 'is the part of a model that reads images or sound (mmproj)', GENERATION],
  [/^controlvector$/, 'is a control vector, not a whole model', 'give the file of the model'],
  [/^imatrix$/, 'holds statistics for quantizing, and no model', 'give the file of the model'],
  [/bert|^gemma-embedding$|^jina|^nomic/, 'is an encoder, as for embeddings', GENERATION],
  [/^(t5|t5encoder|bart|madlad)/, 'has an encoder and a decoder', GENERATION],
  [/^(whisper|wavtokenizer|qwen3tts|kokoro|parler|orpheus|outetts)/, 'is for sound', GENERATION],
  [/^(wan|ltxv|hyvid|hunyuan-?video|cosmos)/, 'makes images or films', GENERATION],
  [
    /^(flux|sd\d?|sdxl|stable[-_]?diff|lumina|aura|pig|qwen_image)/,
    'makes images or films',
    GENERATION,
  ],
];

/** Stops at files that hold no language model. Throws: MODEL_KIND. */
export function refuseOtherGguf(fields: Fields): void {
  const given = fields.get('general.type');
  const type = typeof given === 'string' ? TYPES.get(given) : undefined;
  if (type !== undefined) throw kindError(fields, ...type);
  if (fields.has('adapter.type')) throw kindError(fields, ...ADAPTER);
  const architecture = fields.get('general.architecture');
  if (typeof architecture !== 'string') return;
  const found = ARCHITECTURES.find(([pattern]) => pattern.test(architecture));
  if (found === undefined) return;
  const [, what, hint] = found;
  throw kindError(
    fields,
    `(${architecture.slice(0, 40)}) ${what}, and does not continue texts`,
    hint,
  );
}
