/**
 * Every family that llama.cpp knows, computed by it live, beside the double-precision forward.
 *
 * Files made without the product's writer or its ops check the reference itself; files by the
 * writer check it, and the wafer.
 * What llama.cpp fixes is set alike: YaRN with whole dimensions, Llama 4 with chunks of 8,192.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { writeModel } from '@wafer/models';
import { differentChoices, waferLogits, worstDifference } from '../golden/compare.ts';
import type { LogitRows } from '../golden/compare.ts';
import { forwardDouble, readDoubleWeights } from '../golden/double-forward.ts';
import { familyGguf } from '../golden/family-gguf.ts';
import { familyModel, LLAMA_CPP_SPECS } from '../golden/family-llama-cpp.ts';
import { LlamaCpp } from './peers.ts';

/** f32 rounding of llama.cpp alone. Measured: 3.2e-6 at worst, of logits up to 5. */
const TOLERANCE = 2e-5;
/** Both round in f32; as argued in test/golden/llama-cpp.test.ts. */
const WAFER_TOLERANCE = 1e-4;

let llama: LlamaCpp;
const folder = mkdtempSync(join(tmpdir(), 'wafer-families-'));
beforeAll(async () => {
  llama = await LlamaCpp.start();
  return async () => {
    await llama.close();
    rmSync(folder, { recursive: true });
  };
});

function checkLogits(actual: LogitRows, wanted: LogitRows, tolerance: number): void {
  expect(worstDifference(actual, wanted)).toBeLessThanOrEqual(tolerance);
  const { differing, comparedCount } = differentChoices(actual, wanted, tolerance);
  expect(differing).toEqual([]);
  expect(comparedCount).toBeGreaterThan(wanted.length * 0.9);
}

test.each(Object.keys(LLAMA_CPP_SPECS))(
  '%s: the double-precision forward is what llama.cpp computes',
  async (name) => {
    const { spec, model, tokens } = familyModel(name);
    const weights = readDoubleWeights(model);
    const exact = forwardDouble(spec, weights, tokens);
    const path = join(folder, `${name}.gguf`);
    writeFileSync(path, familyGguf(spec, weights));
    const theirs = await llama.withModel(path, (peer) => peer.logits(tokens, spec.vocabCount));
    checkLogits(theirs, exact, TOLERANCE);
  },
);

test.each(Object.keys(LLAMA_CPP_SPECS))(
  '%s: llama.cpp reads what the wafer wrote, and the wafer computes what llama.cpp does',
  async (name) => {
    const { spec, model, tokens } = familyModel(name);
    const exact = forwardDouble(spec, readDoubleWeights(model), tokens);
    const path = join(folder, `${name}, written.gguf`);
    writeModel({ model, format: 'gguf', path });
    const theirs = await llama.withModel(path, (peer) => peer.logits(tokens, spec.vocabCount));
    checkLogits(theirs, exact, TOLERANCE);
    checkLogits(await waferLogits(path, tokens), theirs, WAFER_TOLERANCE);
  },
);
