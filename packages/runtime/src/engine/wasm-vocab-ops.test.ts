import { compileKernels, detectRounding, instantiateKernels } from '@wafer/kernels';
import { expect, test } from 'vitest';
import { uniform } from './random.ts';
import { Sampler } from './sampler.ts';
import { resolveSampling, type SamplingInput } from './sampling-options.ts';
import { plainVocabOps, SHORT_LIST_MAX, type VocabOps } from './vocab-ops.ts';
import { wasmVocabOps } from './wasm-vocab-ops.ts';

const rounding = detectRounding();
const memory = new WebAssembly.Memory({ initial: 2, maximum: 2, shared: true });
const kernels = instantiateKernels(compileKernels(rounding), memory);
const LOGITS_AT = 64;
const SCRATCH_AT = 32_768;

/** The same row where each of the two implementations wants it, and both implementations. */
function bothOf(row: Float32Array): { ops: VocabOps; logits: Float32Array }[] {
  const vocabCount = row.length;
  const here = new Float32Array(memory.buffer, LOGITS_AT, vocabCount);
  here.set(row);
  const layout = { vocabScratch: SCRATCH_AT };
  return [
    { ops: plainVocabOps({ vocabCount, rounding }), logits: row.slice() },
    { ops: wasmVocabOps(kernels, { memory, layout, vocabCount }), logits: here },
  ];
}

const rowOf = (count: number): Float32Array =>
  Float32Array.from({ length: count }, (_, i) => Math.round(uniform(count, i) * 80) / 4 - 10);

test.each([1, 3, 16, 127, 1024, 1025, 2500])('a row of %i ids: equal to the bit', (count) => {
  const results = bothOf(rowOf(count)).map(({ ops, logits }) => {
    const max = logits[ops.argmax(logits)]!;
    const listLength = ops.topK(logits, Math.min(SHORT_LIST_MAX, count));
    const list = { ids: [...ops.ids], values: [...ops.values], listLength };
    const sum = ops.expSum(logits, { max, scale: 0.75 });
    ops.expRow(logits, { max, scale: 0.75 });
    const weights = [...ops.weights];
    ops.expRow(ops.values.subarray(0, listLength), { max, scale: 0.75 });
    return { max, list, sum, weights, short: [...ops.weights.subarray(0, listLength)] };
  });
  expect(results[1]).toEqual(results[0]);
});

test.each([
  { temperature: 0 },
  {},
  { topK: 20, topP: 0.9 },
  { topP: 0.9, temperature: 1.5, logprobs: 3 },
  { topK: 500, minP: 0.01, repetitionPenalty: 1.3 },
] as SamplingInput[])('%j picks the same tokens on both', (input) => {
  const vocabCount = 2500;
  const options = resolveSampling(input, { vocabCount, defaultSeed: 8 });
  const [plain, wasm] = bothOf(rowOf(vocabCount)).map(({ ops, logits }) => {
    const sampler = new Sampler(options, { prompt: [5, 6], vocabCount, ops });
    return Array.from({ length: 12 }, (_, index) => {
      logits.set(rowOf(vocabCount));
      const { token, logprob, top } = sampler.sample(logits, index);
      sampler.accept(token);
      return { token, logprob, top };
    });
  });
  expect(wasm).toEqual(plain);
});

test('logits elsewhere than in the kernels’ memory are a bug', () => {
  const [, wasm] = bothOf(rowOf(16));
  expect(() => wasm!.ops.argmax(new Float32Array(16))).toThrow('in the memory of their kernels');
});
