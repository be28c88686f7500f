import { WSE3 } from '@wafer/core';
import { expect, test } from 'vitest';
import { LLAMA_3_70B, planShape } from './shapes.ts';
import { decodeStep } from './step.ts';
import { walkPlan } from './walk.ts';

test('70B on 256 tiles is walked in seconds', () => {
  const plan = planShape(LLAMA_3_70B, {
    grid: { width: 16, height: 16 },
    type: 'bf16',
    tensor: 'megatron',
  });
  const { tokensPerS } = walkPlan(plan, {
    machine: WSE3,
    step: decodeStep({ batch: 1, contextTokens: 512 }),
    elementBytes: 2,
  });
  // Weights alone allow 300,000 a second; floors and hops leave hundreds.
  expect(tokensPerS).toBeGreaterThan(100);
  expect(tokensPerS).toBeLessThan(1000);
});
