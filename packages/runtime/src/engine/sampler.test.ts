import { compileKernels, detectRounding, instantiateKernels } from '@wafer/kernels';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { uniform } from './random.ts';
import { Sampler, type Sampled } from './sampler.ts';
import { resolveSampling, type SamplingInput } from './sampling-options.ts';
import { ListMasks } from './stages/mask.ts';
import { SHORT_LIST_MAX } from './vocab-ops.ts';
import { wasmVocabOps } from './wasm-vocab-ops.ts';

const VOCAB_COUNT = 2500; // three blocks of 1,024, the last one in part
const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
const kernels = instantiateKernels(compileKernels(detectRounding()), memory);
const ops = wasmVocabOps(kernels, {
  memory,
  layout: { vocabScratch: 16_384 },
  vocabCount: VOCAB_COUNT,
});
/** Where the kernels read the logits of a sample. */
const row = new Float32Array(memory.buffer, 64, VOCAB_COUNT);

function samplerOf(input: SamplingInput, prompt: readonly number[] = []): Sampler {
  const options = resolveSampling(input, { vocabCount: VOCAB_COUNT, defaultSeed: 1 });
  return new Sampler(options, { prompt, vocabCount: VOCAB_COUNT, ops });
}

function sample(sampler: Sampler, logits: Float32Array, tokenIndex = 0): Sampled {
  row.set(logits);
  return sampler.sample(row, tokenIndex);
}

/** Logits that fall off by id, in an order that is not the ids'. */
function randomLogits(seed: number, spread = 8): Float32Array {
  return Float32Array.from({ length: VOCAB_COUNT }, (_, i) => uniform(seed, i) ** 4 * spread);
}

function pick(input: SamplingInput, logits: Float32Array, tokenIndex = 0): number {
  return sample(samplerOf(input), logits, tokenIndex).token;
}

function picks(input: SamplingInput, logits: Float32Array, count: number): number[] {
  const sampler = samplerOf(input);
  return Array.from({ length: count }, (_, i) => sample(sampler, logits, i).token);
}

/** The filters in their plain meaning: sort, cut, cut, cut. Ids that may be drawn. */
function survivors(logits: Float32Array, input: SamplingInput): Set<number> {
  const { temperature = 1, topK = 0, topP = 1, minP = 0 } = input;
  const max = Math.max(...logits);
  const weight = (id: number): number => Math.exp((logits[id]! - max) / temperature);
  let ids = [...logits.keys()].sort((a, b) => logits[b]! - logits[a]! || a - b);
  if (topK > 0) ids = ids.slice(0, topK);
  const total = ids.reduce((sum, id) => sum + weight(id), 0);
  let before = 0;
  ids = ids.filter((id, i) => {
    const isKept = i === 0 || before < topP * total;
    before += weight(id);
    return isKept;
  });
  return new Set(ids.filter((id) => weight(id) >= minP));
}

test('greedy picking takes the largest logit, of equals the lowest id, and changes none', () => {
  const logits = randomLogits(3);
  logits[70] = 50;
  logits[2000] = 50;
  expect(pick({ temperature: 0 }, logits)).toBe(70);
  expect(row).toEqual(logits);
});

test('a temperature near 0 still draws, and follows what little it leaves', () => {
  const logits = new Float32Array(VOCAB_COUNT).fill(-9);
  [logits[7], logits[9]] = [1, 1.0005];
  expect(new Set(picks({ temperature: 0.001 }, logits, 60))).toEqual(new Set([7, 9]));
  expect(new Set(picks({ temperature: 0.000001 }, logits, 60))).toEqual(new Set([9]));
});

test.each([
  { topK: 5 },
  { topK: SHORT_LIST_MAX + 72 },
  { topK: 40, minP: 0.7 },
  { topP: 0.3 },
  { topP: 0.6 },
  { topP: 0.9, temperature: 3 },
  { minP: 0.2 },
  { topK: 40, topP: 0.5, minP: 0.1 },
  { topK: 400, topP: 0.8, minP: 0.05, temperature: 2 },
])('%j draws all tokens that it leaves over, and no other', (input) => {
  const logits = randomLogits(5, 12);
  const allowed = survivors(logits, input);
  expect(allowed.size).toBeLessThan(VOCAB_COUNT * 0.6);
  const drawn = picks(input, logits, 400);
  expect(drawn.filter((token) => !allowed.has(token))).toEqual([]);
  // Many of few tokens are met; of many tokens, more than a short list holds.
  expect(new Set(drawn).size).toBeGreaterThan(Math.min(allowed.size * 0.4, SHORT_LIST_MAX));
});

test('draws follow the probabilities of the softmax at the temperature', () => {
  const logits = new Float32Array(VOCAB_COUNT).fill(-Infinity);
  const ids = [3, 1023, 1024, 2047, 2499]; // at the edges of blocks
  for (const [i, id] of ids.entries()) logits[id] = i * 0.5;
  const drawCount = 3000;
  const temperature = 0.7;
  for (const input of [{}, { topK: 5 }, { topK: 5, topP: 0.7 }, { topP: 0.7 }, { minP: 0.2 }]) {
    const kept = ids.filter((id) => survivors(logits, { temperature, ...input }).has(id));
    const weights = kept.map((id) => Math.exp(logits[id]! / temperature));
    const total = weights.reduce((a, b) => a + b);
    const drawn = picks({ temperature, ...input }, logits, drawCount);
    const chiSquare = kept.reduce((sum, id, i) => {
      const expected = (drawCount * weights[i]!) / total;
      return sum + (drawn.filter((token) => token === id).length - expected) ** 2 / expected;
    }, 0);
    expect(drawn.filter((token) => !kept.includes(token))).toEqual([]);
    expect(chiSquare).toBeLessThan(18.5); // 4 degrees of freedom, p = 0.001; the seed is fixed
  }
});

test('a pick depends on seed and index alone, not on what was picked before', () => {
  const logits = randomLogits(9);
  const forward = picks({ seed: 4 }, logits, 30);
  const again = [29, 3, 3, 0].map((tokenIndex) => pick({ seed: 4 }, logits, tokenIndex));
  expect(again).toEqual([forward[29], forward[3], forward[3], forward[0]]);
  expect(picks({ seed: 5 }, logits, 30)).not.toEqual(forward);
});

test('top-k of the whole vocabulary less one leaves out the least likely token alone', () => {
  const logits = new Float32Array(VOCAB_COUNT);
  logits[5] = -1e-3;
  const drawn = picks({ topK: VOCAB_COUNT - 1 }, logits, 20_000);
  expect(drawn).not.toContain(5);
  expect(picks({ topK: VOCAB_COUNT }, logits, 20_000)).toContain(5);
});

test('one token is always left', () => {
  const logits = randomLogits(11);
  const greedy = pick({ temperature: 0 }, logits);
  expect(pick({ topP: 0 }, logits)).toBe(greedy);
  expect(pick({ topK: 1 }, logits)).toBe(greedy);
  expect(pick({ minP: 1 }, logits)).toBe(greedy);
  expect(pick({ topK: 50, topP: 0 }, logits)).toBe(greedy);
  expect(pick({ temperature: 1e-300 }, logits)).toBe(greedy);
});

test('equal logits are cut by ascending id', () => {
  const flat = new Float32Array(VOCAB_COUNT);
  expect(Math.max(...picks({ topK: 10 }, flat, 200))).toBe(9);
  expect(Math.max(...picks({ topK: 1000 }, flat, 200))).toBeLessThan(1000);
  expect(Math.max(...picks({ topP: 0.01 }, flat, 200))).toBeLessThan(VOCAB_COUNT * 0.01);
});

test('a token as likely as the least share is kept, from a short list and from the row', () => {
  const logits = new Float32Array(VOCAB_COUNT).fill(-30);
  for (const id of [5, 9, 2000]) logits[id] = 3;
  expect(new Set(picks({ minP: 1 }, logits, 60))).toEqual(new Set([5, 9, 2000]));
  expect(new Set(picks({ minP: 1 }, new Float32Array(VOCAB_COUNT), 60)).size).toBeGreaterThan(40);
});

test('lists of allowed tokens take turns, the last for all that follow; stops wait', () => {
  const options = { ...resolveSampling({ temperature: 0 }, { vocabCount: 9, defaultSeed: 1 }) };
  const spec = { prompt: [], vocabCount: VOCAB_COUNT, ops };
  const logits = new Float32Array(VOCAB_COUNT);
  for (const [id, logit] of [
    [40, 9],
    [3, 5],
    [2484, 4],
  ] as const) {
    logits[id] = logit;
  }
  const mask = new ListMasks([[3], [17, 2484], [2483, 2484]], VOCAB_COUNT);
  const masked = new Sampler(options, { ...spec, mask });
  expect([0, 1, 2, 3].map((i) => sample(masked, logits, i).token)).toEqual([3, 2484, 2484, 2484]);
  const patient = new Sampler(options, { ...spec, stopTokens: [40], minTokens: 1 });
  expect([0, 1].map((i) => sample(patient, logits, i).token)).toEqual([3, 40]);
});

test.each([
  { logitBias: { 17: 100 } },
  { repetitionPenalty: 5 },
  { presencePenalty: 2 },
  { frequencyPenalty: 2 },
] as SamplingInput[])('%j moves the likeliest token', (input) => {
  const logits = new Float32Array(VOCAB_COUNT);
  logits[7] = 2;
  logits[8] = 1.5;
  const sampler = samplerOf({ temperature: 0, ...input });
  sampler.accept(7);
  expect(sample(sampler, logits).token).toBe(input.logitBias ? 17 : 8);
  expect(pick({ temperature: 0 }, logits)).toBe(7);
});

test('logprobs are those of the model, whatever the options make of them', () => {
  const logits = randomLogits(13);
  const total = logits.reduce((sum, logit) => sum + Math.exp(logit), 0);
  const expected = (token: number): number => logits[token]! - Math.log(total);
  const options = { temperature: 0.1, logitBias: { 600: 90 }, repetitionPenalty: 2, topK: 3 };
  const sampler = samplerOf({ ...options, logprobs: 4 }, [1, 2]);
  const { token, logprob, top }: Sampled = sample(sampler, logits);
  expect(token).toBe(600);
  // f32 block sums of 1,024 weights: relative error below 1e-5
  expect(logprob).toBeCloseTo(expected(600), 4);
  const likeliest = [...logits.keys()].sort((a, b) => logits[b]! - logits[a]!).slice(0, 4);
  expect(top.map((one) => one.token)).toEqual(likeliest);
  for (const one of top) expect(one.logprob).toBeCloseTo(expected(one.token), 4);
  // The next token has logits of its own.
  const next = randomLogits(14);
  const nextTotal = next.reduce((sum, logit) => sum + Math.exp(logit), 0);
  expect(sample(sampler, next, 1).logprob).toBeCloseTo(next[600]! - Math.log(nextTotal), 4);
  const none = sample(samplerOf({ ...options, logprobs: 0 }), logits);
  expect([none.logprob, none.top]).toEqual([logprob, []]);
  expect(sample(samplerOf({}), logits).logprob).toBeUndefined();
});

test.each([[Number.NaN], [Number.POSITIVE_INFINITY], [Number.NEGATIVE_INFINITY]])(
  'a row of %s ends the request with its index',
  (value) => {
    const refused = expect.objectContaining({
      code: 'LOGITS_NOT_FINITE',
      details: { tokenIndex: 3 },
    });
    const logits = new Float32Array(VOCAB_COUNT).fill(value);
    for (const input of [{ temperature: 0 }, {}, { topK: 4 }, { topP: 0.5 }, { logprobs: 1 }]) {
      expect(() => pick(input, logits, 3)).toThrow(refused);
    }
    const single = new Float32Array(VOCAB_COUNT);
    single[1500] = value;
    if (Number.isNaN(value)) expect(() => pick({}, single, 3)).toThrow(refused);
  },
);

test('any options and logits give a token of the vocabulary that the filters leave', () => {
  const numbers = fc.float({ noNaN: true, min: -30, max: 30 });
  const input = fc.record({
    temperature: fc.constantFrom(0.2, 1, 5),
    topK: fc.constantFrom(0, 1, 3, 200),
    topP: fc.constantFrom(0.01, 0.5, 0.99, 1),
    minP: fc.constantFrom(0, 0.01, 0.5),
    seed: fc.nat(),
  });
  fc.assert(
    fc.property(input, fc.array(numbers, { minLength: 1, maxLength: 30 }), (options, some) => {
      const logits = Float32Array.from({ length: VOCAB_COUNT }, (_, i) => some[i % some.length]!);
      expect(survivors(logits, options).has(pick(options, logits))).toBe(true);
    }),
    { numRuns: 300, seed: 3 },
  );
});
