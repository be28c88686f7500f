import type { ModelSpec, PLAIN_NETWORK } from '@wafer/core';
import { SYNTHETIC_SPECS } from '@wafer/models';
import { expect, test } from 'vitest';
import { networkLines } from './network-text.ts';

const lines = (shape: string): Record<string, string> =>
  Object.fromEntries(networkLines(SYNTHETIC_SPECS[shape]!));

test('plain layers say nothing', () => {
  expect(lines('llama')).toEqual({});
});

test('a pattern of layers, chunks, norms and experts of Llama 4', () => {
  expect(lines('llama4')).toEqual({
    pattern:
      'dense in chunks of 24, experts in chunks of 24, dense in chunks of 24, ' +
      'experts without rotation',
    'head norms': 'without gains, after rotation',
    temperature: '1 + 0.1 · ln(1 + ⌊(p + 1) / 16⌋) without rotation',
    experts: '1 of 5, 64 wide, and one of 64 for all tokens',
    router: 'sigmoid of logits, weights: scores, at the input',
  });
});

test('leading layers, a choice by groups and a scale of GLM-4 MoE', () => {
  expect(lines('glm4-moe')).toMatchObject({
    'first layers': 'dense',
    'later layers': 'experts',
    'head norms': 'with gains',
    experts: '3 of 9, 64 wide, and one of 64 for all tokens',
    router:
      'sigmoid of logits, a bias for the choice, from 2 of 3 groups, ' +
      'weights: normalized, times 2.5',
  });
});

test('windows, sinks and a clamped activation of GPT-OSS', () => {
  expect(lines('gpt-oss')).toMatchObject({
    pattern: 'experts in windows of 24, experts',
    activation: 'clamped at 7, alpha 1.702',
    sinks: 'one score per head',
    router: 'logits, with bias, weights: softmax',
  });
});

test('layers alike are counted, post norms named', () => {
  expect(lines('smollm3')).toEqual({ pattern: '3 × dense, dense without rotation' });
  expect(lines('glm4')).toEqual({ 'post norms': 'after attention and feed-forward' });
});

const PLAIN = SYNTHETIC_SPECS['llama']!;
const EXPERTS = SYNTHETIC_SPECS['glm4-moe']!;
const withAttention = (change: Partial<ModelSpec['attention']>): ModelSpec => ({
  ...PLAIN,
  ...{ layers: SYNTHETIC_SPECS['mistral']!.layers, attention: { ...PLAIN.attention, ...change } },
});

type Features = Omit<typeof PLAIN_NETWORK, 'attention'> & ModelSpec['attention'];

/** Two specs that differ in a feature alone; a new field of a spec asks for its row. */
const PAIRS: { readonly [Field in keyof Features]-?: readonly [ModelSpec, ModelSpec] } = {
  layers: [PLAIN, { ...PLAIN, layers: SYNTHETIC_SPECS['smollm3']!.layers }],
  hasPostNorms: [PLAIN, { ...PLAIN, hasPostNorms: true }],
  activation: [PLAIN, { ...PLAIN, activation: { kind: 'clamped', alpha: 1.702, limit: 7 } }],
  experts: [EXPERTS, { ...EXPERTS, experts: { ...EXPERTS.experts!, chosenCount: 1 } }],
  windowTokens: [withAttention({ windowTokens: 12 }), withAttention({ windowTokens: 24 })],
  queryKeyNorm: [withAttention({}), withAttention({ queryKeyNorm: 'learned' })],
  hasSinks: [withAttention({}), withAttention({ hasSinks: true })],
  temperature: [withAttention({}), withAttention({ temperature: { scale: 0.1, floorTokens: 16 } })],
};

test.each(Object.entries(PAIRS))('%s is told, whatever else a model does', (_, [one, other]) => {
  expect(networkLines(one)).not.toEqual(networkLines(other));
});
