import { expect, test } from 'vitest';
import { syntheticTokenizer } from '@wafer/text';
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

test('named templates have keys of their own', () => {
  const spec = { ...SYNTHETIC_SPECS['tiny']!, vocabCount: 300 };
  const made = syntheticModel({ name: 'tiny', spec, type: 'f32', seed: 0 });
  const written = (template: unknown): unknown[] => {
    const { tokenizerJson } = syntheticTokenizer(300);
    const tokenizer = { tokenizerJson, tokenizerConfig: { chat_template: template } };
    return ggufTokenizer({ ...made, tokenizer }, 'x')
      .filter(({ key }) => key.includes('chat_template'))
      .map(({ key, value }) => [key, value]);
  };
  expect(written('own')).toEqual([['tokenizer.chat_template', 'own']]);
  const list = [
    { name: 'default', template: 'own' },
    { name: 'tool_use', template: 'tools' },
  ];
  expect(written(list)).toEqual([
    ['tokenizer.chat_template', 'own'],
    ['tokenizer.chat_template.tool_use', 'tools'],
    ['tokenizer.chat_templates', ['tool_use']],
  ]);
});
