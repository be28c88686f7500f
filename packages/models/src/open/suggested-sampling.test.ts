import { expect, test } from 'vitest';
import { Fields } from '../source/fields.ts';
import { suggestedByFolder, suggestedByGguf } from './suggested-sampling.ts';

const fields = (values: Record<string, unknown>): Fields => new Fields('c', values);

test('a folder suggests what generation_config.json says', () => {
  const given = { do_sample: true, temperature: 0.6, top_k: 20, top_p: 0.95, min_p: 0 };
  expect(suggestedByFolder(fields({ ...given, repetition_penalty: 1.05 }))).toEqual({
    temperature: 0.6,
    topK: 20,
    topP: 0.95,
    minP: 0,
    repetitionPenalty: 1.05,
  });
  expect(suggestedByFolder(fields({ do_sample: false, temperature: 0.6 }))).toEqual({
    temperature: 0,
  });
  expect(suggestedByFolder(undefined)).toEqual({});
});

test('a GGUF file suggests by its general keys', () => {
  const key = (name: string): string => `general.sampling.${name}`;
  const values = { [key('temp')]: 0.7, [key('top_k')]: 40, [key('penalty_repeat')]: 1.1 };
  expect(suggestedByGguf(fields(values))).toEqual({
    temperature: 0.7,
    topK: 40,
    repetitionPenalty: 1.1,
  });
});

test('what is out of range or no number is left out', () => {
  const odd = { temperature: -1, top_k: '20', top_p: 7, min_p: null, repetition_penalty: 0 };
  expect(suggestedByFolder(fields(odd))).toEqual({});
});
