import { B200, H100, NVLINK4, WSE3 } from '@wafer/core';
import { closedForm, decodeStep, planShape, prefillStep, walkPlan } from '@wafer/timing';
import { expect, test } from 'vitest';
import { FAMILY_GOLDEN_SPECS } from '../golden/family-specs.ts';

/** Biases, norms of heads, post-norms, sinks, temperature, experts: both see them. */
test.each(Object.entries(FAMILY_GOLDEN_SPECS))(
  '%s: on one chip the walk is the closed form',
  (_name, spec) => {
    const grid = { width: 1, height: 1 };
    const plan = planShape(spec, { grid, type: 'bf16', tensor: 'column' });
    const steps = [decodeStep({ batch: 3, contextTokens: 40 }), prefillStep({ promptTokens: 20 })];
    for (const step of steps) {
      for (const machine of [H100, B200, WSE3]) {
        const common = { machine, step, elementBytes: 2 as const };
        const { stepNs } = walkPlan(plan, common);
        const of = { spec, type: 'bf16', chipCount: 1, link: NVLINK4, kind: 'custom' } as const;
        const { computeNs } = closedForm({ ...of, ...common });
        expect(Math.abs(stepNs / computeNs - 1)).toBeLessThan(1e-12);
      }
    }
  },
);
