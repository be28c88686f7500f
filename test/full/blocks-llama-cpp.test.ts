/**
 * The reference's reading of block types, against that of llama.cpp on random blocks.
 *
 * Only the embedding table is stored in blocks: its rows are expanded as they are read, in f32.
 * With matrices of block types llama.cpp rounds activations too, so those would be no measure.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import type { ModelSpec } from '@wafer/core';
import { syntheticModel } from '@wafer/models';
import { seededTokens } from '../contract/wafers.ts';
import { worstDifference } from '../golden/compare.ts';
import { expandRow } from '../golden/double-blocks.ts';
import { forwardDouble, readDoubleWeights } from '../golden/double-forward.ts';
import { familyGguf } from '../golden/family-gguf.ts';
import { FAMILY_GOLDEN_SPECS } from '../golden/family-specs.ts';
import { LlamaCpp } from './peers.ts';

/** f32 rounding of llama.cpp, as in family-llama-cpp.test.ts. */
const TOLERANCE = 2e-5;
const TOKEN_COUNT = 100;
const WIDTH = 256;

/** ggml's number of a type, bytes of a block, and where its 16-bit scales lie. */
const TYPES: Readonly<Record<string, { type: number; bytes: number; scales: number[] }>> = {
  f16: { type: 1, bytes: 512, scales: Array.from({ length: WIDTH }, (_, i) => 2 * i) },
  q4_0: { type: 2, bytes: 18, scales: [0] },
  q4_1: { type: 3, bytes: 20, scales: [0, 2] },
  q5_0: { type: 6, bytes: 22, scales: [0] },
  q5_1: { type: 7, bytes: 24, scales: [0, 2] },
  q8_0: { type: 8, bytes: 34, scales: [0] },
  q2_k: { type: 10, bytes: 84, scales: [80, 82] },
  q3_k: { type: 11, bytes: 110, scales: [108] },
  q4_k: { type: 12, bytes: 144, scales: [0, 2] },
  q5_k: { type: 13, bytes: 176, scales: [0, 2] },
  q6_k: { type: 14, bytes: 210, scales: [208] },
  iq4_nl: { type: 20, bytes: 18, scales: [0] },
  iq4_xs: { type: 23, bytes: 136, scales: [0] },
  mxfp4: { type: 39, bytes: 17, scales: [] },
};

let llama: LlamaCpp;
beforeAll(async () => {
  llama = await LlamaCpp.start();
  return () => llama.close();
});

test.each(Object.keys(TYPES))('%s', async (name) => {
  const { type } = TYPES[name]!;
  const plain = FAMILY_GOLDEN_SPECS.llama;
  const spec: ModelSpec = { ...plain, modelWidth: WIDTH };
  const model = syntheticModel({ name, spec, type: 'f32', seed: 1 });
  const rows = randomRows(name, spec.vocabCount);
  const embed = rows.map((row) => expandRow(name, row, WIDTH));
  const weights = { ...readDoubleWeights(model), embed };
  const bytes = Uint8Array.from(rows.flatMap((row) => Array.from(row)));
  const table = { name: 'token_embd.weight', dimensions: [WIDTH, rows.length], type, bytes };
  const tokens = seededTokens(model, TOKEN_COUNT);
  const folder = mkdtempSync(join(tmpdir(), 'wafer-blocks-'));
  try {
    const path = join(folder, 'model.gguf');
    writeFileSync(path, familyGguf(spec, weights, [table]));
    const theirs = await llama.withModel(path, (peer) => peer.logits(tokens, spec.vocabCount));
    expect(worstDifference(theirs, forwardDouble(spec, weights, tokens))).toBeLessThan(TOLERANCE);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

/** Rows of random blocks, whose scales are of sane size. */
function randomRows(name: string, count: number): Uint8Array[] {
  const { bytes, scales } = TYPES[name]!;
  let state = 7;
  const random = (limit: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
  const rowBytes = expandedBytes(name);
  return Array.from({ length: count }, () => {
    const row = Uint8Array.from({ length: rowBytes }, () => random(256));
    const view = new DataView(row.buffer);
    for (let block = 0; block < rowBytes; block += bytes) {
      for (const scale of scales) {
        view.setFloat16(block + scale, (0.004 + random(100) / 10_000) * (random(2) - 0.5), true);
      }
      if (name === 'mxfp4') row[block] = 118 + random(6);
    }
    return row;
  });
}

/** Bytes of a row of WIDTH values. */
function expandedBytes(name: string): number {
  const { bytes } = TYPES[name]!;
  const isWhole = bytes > 34 || name === 'f16';
  return isWhole ? bytes : (WIDTH / 32) * bytes;
}
