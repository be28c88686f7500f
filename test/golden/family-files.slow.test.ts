/**
 * Files as transformers and llama.cpp know them, made apart from the product's writer, open as
 * what they are: the spec, and every weight in its place.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { ModelSpec } from '@wafer/core';
import { syntheticModel } from '@wafer/models';
import { openModel } from '@wafer/runtime';
import { seededTokens } from '../contract/wafers.ts';
import { worstDifference } from './compare.ts';
import { forwardDouble, readDoubleWeights } from './double-forward.ts';
import type { DoubleWeights } from './double-forward.ts';
import { familyFolder } from './family-folder.ts';
import { familyGguf } from './family-gguf.ts';
import { LLAMA_CPP_SPECS } from './family-llama-cpp.ts';
import { FAMILY_GOLDEN_SPECS } from './family-specs.ts';

const TOKEN_COUNT = 12;

const temporary = mkdtempSync(join(tmpdir(), 'wafer-family-files-'));
afterAll(() => rmSync(temporary, { recursive: true }));

/** How far logits of a model are from those of its files, opened. */
async function differenceOnceWritten(
  name: string,
  spec: ModelSpec,
  write: (weights: DoubleWeights) => string,
): Promise<number> {
  const model = syntheticModel({ name, spec, type: 'f32', seed: 2 });
  const tokens = seededTokens(model, TOKEN_COUNT);
  const weights = readDoubleWeights(model);
  const opened = await openModel(write(weights));
  const rows = forwardDouble(opened.spec, readDoubleWeights(opened), tokens);
  return worstDifference(rows, forwardDouble(spec, weights, tokens));
}

test.each(Object.entries<ModelSpec>(FAMILY_GOLDEN_SPECS))('%s as a folder', async (name, spec) => {
  const difference = await differenceOnceWritten(name, spec, (weights) => {
    const folder = join(temporary, name);
    const { config, safetensors } = familyFolder(spec, weights);
    mkdirSync(folder);
    writeFileSync(join(folder, 'config.json'), config);
    writeFileSync(join(folder, 'model.safetensors'), safetensors);
    return folder;
  });
  // The same weights and options, in another order of elements at most.
  expect(difference).toBeLessThan(1e-9);
});

test.each(Object.entries(LLAMA_CPP_SPECS))('%s as GGUF', async (name, spec) => {
  const difference = await differenceOnceWritten(name, spec, (weights) => {
    const path = join(temporary, `${name}.gguf`);
    writeFileSync(path, familyGguf(spec, weights));
    return path;
  });
  // The file holds epsilon, and divisors of frequencies, as f32.
  expect(difference).toBeLessThan(1e-6);
});
