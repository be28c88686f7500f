import { expertsOf } from '@wafer/core';
import type { ExpertSpec, ModelSpec } from '@wafer/core';
import { expect, test } from 'vitest';
import { TINY, TINY_EXPERTS } from '../reference/test-models.ts';
import { trainProgram } from './program.ts';

test('what cannot be trained yet is refused by name', () => {
  const experts = expertsOf(TINY_EXPERTS);
  const logits = { ...experts.router, score: 'none', weights: 'softmax' } as const;
  const refused: [Partial<ExpertSpec>, string][] = [
    [{ weighsInput: true }, 'multiply their inputs'],
    [{ router: { ...experts.router, score: 'none' } }, 'scores are none .* are normalized'],
    [{ router: { ...experts.router, weights: 'softmax' } }, 'scores are softmax .* are softmax'],
    [{ router: { ...logits, scale: 2.5 } }, 'scale a softmax by 2.5'],
    [{ router: { ...logits, hasSelectionBias: true } }, 'of logits with a bias for the choice'],
    [{ router: { ...experts.router, groups: { count: 65, keptCount: 2 } } }, 'of 65 groups'],
  ];
  for (const [part, reason] of refused) {
    const spec = { ...TINY_EXPERTS, experts: { ...experts, ...part } };
    expect(() => trainProgram(spec)).toThrow(new RegExp(`TRAIN_UNSUPPORTED.*${reason}`));
  }
  const most = { ...experts.router, groups: { count: 64, keptCount: 2 } };
  const spec = { ...TINY_EXPERTS, experts: { ...experts, expertCount: 64, router: most } };
  expect(() => trainProgram(spec)).not.toThrow();
  const attention = { ...TINY.attention, temperature: { scale: 0.1, floorTokens: 4 } };
  const layers = { leading: [], repeating: [{ sees: 'all', isRotated: false, ffn: 'dense' }] };
  expect(() => trainProgram({ ...TINY, attention, layers } as ModelSpec)).toThrow(
    /TRAIN_UNSUPPORTED.*attention-temperature/,
  );
});
