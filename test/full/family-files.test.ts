/**
 * Files of every family as the product writes them: llama.cpp opens each GGUF file and computes
 * what Wafer computes from it, and from a folder of the same model.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { FAMILY_NAMES, SYNTHETIC_SPECS, syntheticModel, writeModel } from '@wafer/models';
import { openModel } from '@wafer/runtime';
import { seededTokens } from '../contract/wafers.ts';
import { waferLogits, worstDifference } from '../golden/compare.ts';
import { LlamaCpp } from './peers.ts';

/** What llama.cpp fixes starts to matter later: windows of 24, a temperature from 16 on. */
const TOKEN_COUNT = 15;
/** Past windows and chunks, for the two formats. */
const LONG_TOKEN_COUNT = 60;

/** As in llama-cpp.test.ts, of f32; with others llama.cpp rounds activations, and experts flip. */
const TOLERANCE = 1e-4;
/** Rows of q and k lie in another order, and so their sums; divisors of frequencies are f32. */
const FORMAT_TOLERANCE = 1e-4;

const folder = mkdtempSync(join(tmpdir(), 'wafer-family-files-'));
afterAll(() => rmSync(folder, { recursive: true }));

let llama: LlamaCpp;
beforeAll(async () => {
  llama = await LlamaCpp.start();
  return () => llama.close();
});

test.each(FAMILY_NAMES)('%s: GGUF, folder and llama.cpp agree', async (family) => {
  const spec = SYNTHETIC_SPECS[family]!;
  for (const type of ['f32', 'bf16'] as const) {
    const model = syntheticModel({ name: family, spec, type, seed: 7 });
    const path = join(folder, `${family}-${type}`);
    const gguf = writeModel({ model, format: 'gguf', path: `${path}.gguf`, shardCount: 2 });
    const plain = writeModel({ model, format: 'safetensors', path });
    const tokens = seededTokens(model, LONG_TOKEN_COUNT);
    const ours = await waferLogits(await openModel(gguf), tokens);
    const fromFolder = await waferLogits(await openModel(plain), tokens);
    expect(worstDifference(ours, fromFolder)).toBeLessThanOrEqual(FORMAT_TOLERANCE);
    if (type !== 'f32') continue;
    const first = tokens.slice(0, TOKEN_COUNT);
    const theirs = await llama.withModel(gguf, (peer) => peer.logits(first, spec.vocabCount));
    const difference = worstDifference(ours.slice(0, TOKEN_COUNT), theirs);
    expect(difference).toBeLessThanOrEqual(TOLERANCE);
  }
});
