import { expect, test } from 'vitest';
import { SYNTHETIC_SPECS, syntheticModel } from '../synthetic/synthetic.ts';
import { ggufTokenizer } from './write-gguf-tokenizer.ts';

test.each([[' a b'], [[' a', 'b']]])('the merge %j gives its token the score', (merge) => {
  const spec = { ...SYNTHETIC_SPECS['tiny']!, vocabCount: 3 };
  const tokenizerJson = {
    model: { type: 'BPE', vocab: { ' a': 0, b: 1, ' ab': 2 }, merges: [merge] },
    decoder: { type: 'ByteFallback' },
  };
  const model = {
    ...syntheticModel({ name: 'tiny', spec, type: 'f32', seed: 0 }),
    tokenizer: { tokenizerJson, tokenizerConfig: {} },
  };
  const scores = ggufTokenizer(model, 'x').find(({ key }) => key === 'tokenizer.ggml.scores');
  expect(scores?.value).toEqual([-1e6, -1e6, -0]);
});
