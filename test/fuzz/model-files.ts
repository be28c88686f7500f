/**
 * Broken model files from a seed: sound tiny models, with a few bytes, spans or fields changed.
 *
 * A mutant either opens, and then its weights can be read, or is refused with a `WaferError`;
 * within a second, and without taking memory for what a field claims. The same seed makes the
 * same mutants.
 */
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isBlockType, WaferError, WEIGHT_TYPE_NAMES, WEIGHT_TYPES } from '@wafer/core';
import type { ModelSpec, WeightType } from '@wafer/core';
import {
  FAMILY_NAMES,
  isGgufType,
  openReader,
  SYNTHETIC_SPECS,
  syntheticModel,
  writeModel,
} from '@wafer/models';
import { openModel } from '@wafer/runtime';
import type { Model } from '@wafer/runtime';
import { createTokenizer } from '@wafer/text';
import { GOLDEN_NAMES, goldenJson, type GoldenName } from '../golden/tokenizers.ts';
import { scaleFolder } from './scaled-folder.ts';

/** One sound model on disk and the files of it that get broken. */
interface Subject {
  name: string;
  /** What to open, and where the files lie. */
  path: string;
  files: string[];
}

/** What became of mutants; `failures` must stay empty. */
export interface FuzzReport {
  openedCount: number;
  refusedCount: number;
  /** How often each code was given. */
  codes: Record<string, number>;
  slowestMs: number;
  failures: string[];
}

type Random = (below: number) => number;

const MUTANT_MS_MAX = 1000;

/** Values that arithmetic on lengths and offsets tends to miss. */
const EXTREMES: readonly bigint[] = [
  0n,
  1n,
  2n ** 8n - 1n,
  2n ** 16n,
  2n ** 31n - 1n,
  2n ** 31n,
  2n ** 32n - 1n,
  2n ** 32n,
  2n ** 53n - 1n,
  2n ** 53n,
  2n ** 63n - 1n,
  2n ** 63n,
  2n ** 64n - 1n,
];
const JSON_EXTREMES: readonly string[] = [
  '0',
  '-1',
  '1.5',
  '1e9',
  '1e308',
  '9007199254740993',
  'null',
  'true',
  '"x"',
  '[]',
  '{}',
  '[[[[[[]]]]]]',
  '{"__proto__":1}',
];

/** A family's shape, so small that most bytes of its files are their heads. */
function smallSpec(shape: string): ModelSpec {
  const spec = SYNTHETIC_SPECS[shape];
  if (spec === undefined) throw new Error(`no shape ${shape}`);
  const rotaryWidth = spec.rope.rotaryWidth < spec.headWidth ? 4 : 8;
  const experts = spec.experts && {
    ...spec.experts,
    expertWidth: 16,
    sharedWidth: spec.experts.sharedWidth > 0 ? 16 : 0,
  };
  return {
    ...spec,
    vocabCount: 280,
    modelWidth: 16,
    headCount: 2,
    kvHeadCount: 1,
    headWidth: 8,
    ffnWidth: 16,
    layerCount: 2,
    rope: { ...spec.rope, rotaryWidth },
    experts,
  };
}

/** Sound models in a folder, two of each family and three of the plainest. */
function familySubjects(folder: string): Subject[] {
  return ['tiny', ...FAMILY_NAMES].flatMap((shape) => {
    const model = syntheticModel({ name: shape, spec: smallSpec(shape), type: 'f16', seed: 5 });
    const gguf = join(folder, `${shape}.gguf`);
    const single = join(folder, shape);
    writeModel({ model, format: 'gguf', path: gguf });
    writeModel({ model, format: 'safetensors', path: single });
    const both = [
      { name: `GGUF ${shape}`, path: gguf, files: [''] },
      { name: `folder ${shape}`, path: single, files: readdirSync(single) },
    ];
    if (shape !== 'tiny') return both;
    const sharded = join(folder, 'sharded');
    writeModel({ model, format: 'safetensors', path: sharded, shardCount: 2 });
    const shards = { name: 'shards', path: sharded, files: readdirSync(sharded) };
    return [...both, shards, ...blockSubjects(folder, smallSpec(shape))];
  });
}

/** Files of block types, and folders whose numbers and scales lie apart. */
function blockSubjects(
  folder: string,
  spec: ModelSpec,
  types: readonly WeightType[] = ['mxfp4', 'q5_1', 'iq4_xs'],
): Subject[] {
  const files = types.map((type) => {
    const path = join(folder, `${type}.gguf`);
    const { blockColumns } = WEIGHT_TYPES[type];
    writeModel({ model: modelOf(spec, blockColumns, type), format: 'gguf', path });
    return { name: `GGUF ${type}`, path, files: [''] };
  });
  const packed = join(folder, 'packed');
  const oss = smallSpec('gpt-oss');
  const experts = oss.experts && { ...oss.experts, expertWidth: 32 };
  const model = modelOf({ ...oss, experts }, 32, 'mxfp4');
  writeModel({ model, format: 'safetensors', path: packed, type: 'mxfp4' });
  const path = join(folder, 'scaled');
  writeModel({ model: modelOf(spec, 128, 'f32'), format: 'safetensors', path });
  scaleFolder(join(path, 'model.safetensors'));
  const both = ['config.json', 'model.safetensors'];
  return [
    ...files,
    { name: 'packed', path: packed, files: both },
    { name: 'scaled', path, files: both },
  ];
}

function modelOf(spec: ModelSpec, width: number, type: WeightType): Model {
  const heads = { headCount: width / spec.headWidth, kvHeadCount: width / spec.headWidth };
  const wide = { ...spec, ...heads, modelWidth: width, ffnWidth: width };
  return syntheticModel({ name: 'blocks', spec: wide, type, seed: 6 });
}

/** A model under a golden tokenizer, in each format that can hold it. */
function kindSubjects(folder: string, kind: GoldenName): Subject[] {
  const tokenizer = { tokenizerJson: goldenJson(kind), tokenizerConfig: {} };
  const { vocabCount } = createTokenizer(tokenizer);
  const spec = { ...smallSpec('tiny'), vocabCount };
  const small = { ...syntheticModel({ name: kind, spec, type: 'f16', seed: 6 }), tokenizer };
  const path = join(folder, kind);
  writeModel({ model: small, format: 'safetensors', path });
  const asFolder = { name: `${kind} folder`, path, files: ['tokenizer.json'] };
  if (kind === 'unigram') return [asFolder];
  const gguf = join(folder, `${kind}.gguf`);
  writeModel({ model: small, format: 'gguf', path: gguf });
  return [asFolder, { name: `${kind} GGUF`, path: gguf, files: [''] }];
}

/** Families in both formats; or tokenizers of every kind; or weights of every block type. */
function makeSubjects(folder: string, only: 'kinds' | 'blocks' | undefined): Subject[] {
  if (only === 'kinds') return GOLDEN_NAMES.flatMap((kind) => kindSubjects(folder, kind));
  if (only === undefined) return familySubjects(folder);
  const types = WEIGHT_TYPE_NAMES.filter((type) => isGgufType(type) && isBlockType(type));
  return blockSubjects(folder, smallSpec('tiny'), types);
}

/** Opens `count` mutants made from a seed. */
export async function fuzzModelFiles(
  folder: string,
  options: { seed: number; count: number; only?: 'kinds' | 'blocks' },
): Promise<FuzzReport> {
  mkdirSync(folder, { recursive: true });
  const subjects = makeSubjects(folder, options.only);
  const random = randomFrom(options.seed);
  const report: FuzzReport = {
    openedCount: 0,
    refusedCount: 0,
    codes: {},
    slowestMs: 0,
    failures: [],
  };
  for (let index = 0; index < options.count; index++) {
    const subject = subjects[random(subjects.length)] as Subject;
    const file = subject.files[random(subject.files.length)] as string;
    const mutant = join(folder, 'mutant');
    rmSync(mutant, { recursive: true, force: true });
    cpSync(subject.path, mutant, { recursive: true });
    const target = file === '' ? mutant : join(mutant, file);
    const bytes = mutate(readFileSync(target), target.endsWith('.json'), random);
    writeFileSync(target, bytes);
    await openMutant(mutant, `seed ${options.seed}, ${subject.name} ${file}, ${index}`, report);
  }
  return report;
}

async function openMutant(path: string, label: string, report: FuzzReport): Promise<void> {
  const start = performance.now();
  try {
    use(await openModel(path));
    report.openedCount++;
  } catch (error) {
    if (error instanceof WaferError) {
      report.refusedCount++;
      report.codes[error.code] = (report.codes[error.code] ?? 0) + 1;
    } else
      report.failures.push(`${label}: ${String(error instanceof Error ? error.stack : error)}`);
  }
  const ms = performance.now() - start;
  report.slowestMs = Math.max(report.slowestMs, ms);
  if (ms > MUTANT_MS_MAX) report.failures.push(`${label}: took ${Math.round(ms)} ms`);
}

/** Reads a little of every tensor and runs some text through the tokenizer. */
function use(model: Model): void {
  const reader = openReader(model.source);
  try {
    for (const { name, rows, columns } of Object.values(model.source.tensors)) {
      if (rows === 1) reader.readVector(name);
      const range = { row: rows - 1, rowCount: 1, column: 0, columnCount: columns };
      reader.readRows(name, range, new Uint8Array(columns * 4));
    }
  } finally {
    reader.close();
  }
  if (model.tokenizer === undefined) return;
  const tokenizer = createTokenizer(model.tokenizer);
  tokenizer.decode(tokenizer.encode('Once upon a time, \u{1f600}\n', { allowSpecial: true }));
}

// ---- mutations

function mutate(sound: Uint8Array, isJson: boolean, random: Random): Uint8Array {
  let bytes = Uint8Array.from(sound);
  const changeCount = 1 + random(3);
  for (let change = 0; change < changeCount && bytes.length > 0; change++) {
    // The first kilobytes hold the structure: most changes go there.
    const reach = random(4) === 0 ? bytes.length : Math.min(bytes.length, 4096);
    const at = random(reach);
    const kinds = isJson
      ? [editJson, editJson, flip, cut, repeat]
      : [flip, cut, repeat, overwrite, overwrite];
    bytes = (kinds[random(kinds.length)] as Mutation)(bytes, at, random);
  }
  return bytes;
}

type Mutation = (bytes: Uint8Array, at: number, random: Random) => Uint8Array<ArrayBuffer>;

function flip(bytes: Uint8Array, at: number, random: Random): Uint8Array<ArrayBuffer> {
  const changed = Uint8Array.from(bytes);
  changed[at] = (changed[at] ?? 0) ^ (1 << random(8));
  return changed;
}

/** Ends the file, or takes out a span. */
function cut(bytes: Uint8Array, at: number, random: Random): Uint8Array<ArrayBuffer> {
  const length = random(2) === 0 ? bytes.length : 1 + random(64);
  return Uint8Array.from([...bytes.subarray(0, at), ...bytes.subarray(at + length)]);
}

/** Puts a span of the file into it once more. */
function repeat(bytes: Uint8Array, at: number, random: Random): Uint8Array<ArrayBuffer> {
  const from = random(bytes.length);
  const span = bytes.subarray(from, from + 1 + random(64));
  return Uint8Array.from([...bytes.subarray(0, at), ...span, ...bytes.subarray(at)]);
}

/** Sets a 32-bit or 64-bit field to an extreme. */
function overwrite(bytes: Uint8Array, at: number, random: Random): Uint8Array<ArrayBuffer> {
  const changed = Uint8Array.from(bytes);
  const view = new DataView(changed.buffer);
  const value = EXTREMES[random(EXTREMES.length)] ?? 0n;
  const isLong = random(2) === 0;
  if (at + 8 > changed.length) return changed;
  if (isLong) view.setBigUint64(at, value, true);
  else view.setUint32(at, Number(BigInt.asUintN(32, value)), true);
  return changed;
}

/** Replaces a value of the text by an extreme. */
function editJson(bytes: Uint8Array, at: number, random: Random): Uint8Array<ArrayBuffer> {
  const text = new TextDecoder().decode(bytes);
  const colon = text.indexOf(':', at);
  if (colon < 0) return flip(bytes, at, random);
  const end = text.slice(colon).search(/[,}\n]/);
  const extreme = JSON_EXTREMES[random(JSON_EXTREMES.length)] ?? '0';
  const rest = end < 0 ? '' : text.slice(colon + end);
  return new TextEncoder().encode(`${text.slice(0, colon + 1)}${extreme}${rest}`);
}

/** Whole numbers below a bound, from a seed (Marsaglia's xorshift). */
function randomFrom(seed: number): Random {
  let state = Math.imul(seed + 1, 0x9e3779b1) || 1; // 0 would stay 0
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}
