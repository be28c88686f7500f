/**
 * The bits of every family, weight type, layout and option, as one table of hashes.
 *
 * `logit-hashes.json` was made before the code was moved into the rooms it has now; whatever
 * changes since, the hashes stay. A cell runs a small model with weights from a seed and hashes the
 * logits after each token of a prompt and the tokens decoded after it. Unlike tests that compare
 * one layout with another, it sees a change that moves all of them alike.
 *
 *     node test/golden/make-logit-hashes.ts      makes the table anew, only for new cells
 */
import { createHash } from 'node:crypto';
import { WEIGHT_TYPES } from '@wafer/core';
import type { WeightType } from '@wafer/core';
import { syntheticModel } from '@wafer/models';
import type { Model, WaferOptions } from '@wafer/runtime';
import { greedy, logitBits, seededTokens, withWafer } from '../contract/wafers.ts';
import { widened } from '../full/family-table.ts';
import { oneThreadAnswers } from '../sim/one-thread-answers.ts';
import { FAMILY_GOLDEN_SPECS } from './family-specs.ts';
import type { GoldenFamily } from './family-specs.ts';

type Layout = Omit<WaferOptions, 'model'>;

export interface HashCell {
  name: string;
  family: GoldenFamily;
  type: WeightType;
  layout: Layout;
}

const PROMPT_TOKENS = 24;
const DECODED_TOKENS = 12;

/** Logits do not depend on these, so cells take them in turn. */
const LAYOUTS: readonly Layout[] = [
  { grid: '1x1' },
  { grid: '2x1', threads: 2 },
  { grid: '2x2', stages: 2, threads: 2, experts: 'whole', prefillChunk: 5, dice: '2x1' },
  { grid: '3x1', threads: 2, experts: 'rows', prefillChunk: 64 },
];

/** Options that give other logits, each on the layout that its name tells. */
const OPTIONS: readonly (readonly [GoldenFamily, WeightType, Layout])[] = [
  ...(['gpt-oss', 'llama4', 'qwen3', 'glm4'] as const).flatMap((family) => [
    [family, 'f32', { grid: '2x1', kv: 'f16' }] as const,
    [family, 'q8_0', { grid: '2x1', kv: 'q8_0' }] as const,
    [family, 'f32', { grid: '1x1', rounding: 'plain' }] as const,
    [family, 'q8_0', { grid: '2x1', activations: 'int8' }] as const,
    [family, 'q4_0', { grid: '2x1', activations: 'int8' }] as const,
  ]),
  ...(['llama', 'qwen3-moe', 'gpt-oss'] as const).flatMap((family) =>
    ['2x1', '4x1', '4x2'].map(
      (grid) => [family, 'f32', { grid, tensorPlan: 'megatron', threads: 2 }] as const,
    ),
  ),
  ...(Object.keys(WEIGHT_TYPES) as WeightType[]).map(
    (type) => ['llama', type, { grid: '1x1', rounding: 'plain' }] as const,
  ),
];

function nameOf(family: string, type: string, layout: Layout): string {
  const options = Object.entries(layout).map(([key, value]) => `${key} ${String(value)}`);
  return [family, type, ...options].join(' | ');
}

/** All cells, in the order of the table. */
export function hashCells(): HashCell[] {
  const families = Object.keys(FAMILY_GOLDEN_SPECS) as GoldenFamily[];
  const types = Object.keys(WEIGHT_TYPES) as WeightType[];
  const plain = families.flatMap((family, row) =>
    types.map((type, column) => {
      const layout = LAYOUTS[(row + column) % LAYOUTS.length]!;
      return { name: nameOf(family, type, layout), family, type, layout };
    }),
  );
  const optional = OPTIONS.map(([family, type, layout]) => ({
    name: nameOf(family, type, layout),
    family,
    type,
    layout,
  }));
  return [...plain, ...optional];
}

/** Hash of what a cell's model says: every bit of its logits, and the tokens it goes on with. */
export async function hashOf(cell: HashCell): Promise<string> {
  const { model, prompt, layout } = subjectOf(cell);
  return await withWafer({ model, ...layout }, async (wafer) => {
    const rows = await logitBits(wafer, prompt);
    return digestOf(rows, await greedy(wafer, prompt, DECODED_TOKENS));
  });
}

/** The same of a wafer on one thread, in a tenth of the time; not where chips are joined. */
export async function hashOnOneThread(cell: HashCell): Promise<string> {
  const { model, prompt, layout } = subjectOf(cell);
  const asked = { prompt, maxTokens: DECODED_TOKENS };
  const { rows, tokens } = await oneThreadAnswers({ model, ...layout }, asked);
  return digestOf(rows, tokens);
}

function subjectOf({ family, type, layout }: HashCell): {
  model: Model;
  prompt: number[];
  layout: Layout;
} {
  const narrow = FAMILY_GOLDEN_SPECS[family];
  const spec = WEIGHT_TYPES[type].blockColumns > 32 ? widened(narrow) : narrow;
  const model = syntheticModel({ name: family, spec, type, seed: 19 });
  const prompt = seededTokens(model, PROMPT_TOKENS, 5);
  return { model, prompt, layout: { rounding: 'fused', ...layout } };
}

function digestOf(rows: readonly Uint32Array[], tokens: readonly number[]): string {
  const hash = createHash('sha256');
  for (const row of rows) hash.update(row);
  return hash.update(Uint32Array.from(tokens)).digest('hex').slice(0, 32);
}
