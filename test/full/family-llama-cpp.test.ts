/**
 * Every family that llama.cpp knows, computed by it live, beside the double-precision forward.
 *
 * The files are made without the product's writer or its ops: this checks the reference itself.
 * What llama.cpp fixes is set alike: YaRN with whole dimensions, Llama 4 with chunks of 8,192.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { differentChoices, worstDifference } from '../golden/compare.ts';
import { forwardDouble } from '../golden/double-forward.ts';
import { familyGguf } from '../golden/family-gguf.ts';
import { familyModel, LLAMA_CPP_SPECS } from '../golden/family-llama-cpp.ts';
import { LlamaCpp } from './peers.ts';

/** f32 rounding of llama.cpp alone. Measured: 3.2e-6 at worst, of logits up to 5. */
const TOLERANCE = 2e-5;

let llama: LlamaCpp;
const folder = mkdtempSync(join(tmpdir(), 'wafer-families-'));
beforeAll(async () => {
  llama = await LlamaCpp.start();
  return async () => {
    await llama.close();
    rmSync(folder, { recursive: true });
  };
});

test.each(Object.keys(LLAMA_CPP_SPECS))(
  '%s: the double-precision forward is what llama.cpp computes',
  async (name) => {
    const { spec, weights, tokens } = familyModel(name);
    const exact = forwardDouble(spec, weights, tokens);
    const path = join(folder, `${name}.gguf`);
    writeFileSync(path, familyGguf(spec, weights));
    const theirs = await llama.withModel(path, (peer) => peer.logits(tokens, spec.vocabCount));
    expect(worstDifference(theirs, exact)).toBeLessThanOrEqual(TOLERANCE);
    const { differing, comparedCount } = differentChoices(theirs, exact, TOLERANCE);
    expect(differing).toEqual([]);
    expect(comparedCount).toBeGreaterThan(tokens.length * 0.9);
  },
);
