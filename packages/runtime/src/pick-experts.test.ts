import { openSynthetic } from '@wafer/models';
import { decodeStep, walkPlan } from '@wafer/timing';
import { expect, test } from 'vitest';
import { prepare, prepareModel } from './prepare.ts';
import { pickExperts } from './pick-experts.ts';

const MODEL = openSynthetic('synthetic:moe-tiny');
const given = (machine: string) => ({ grid: '4x1', virtual: { machine } });

test.each(['wse3', 'h100'])(
  'the placement that a walk on %s finds faster is taken',
  async (name) => {
    const options = given(name);
    const stepNs = (experts: 'whole' | 'rows'): number => {
      const { plan, options: resolved } = prepareModel(MODEL, { ...options, experts });
      const step = decodeStep({ batch: 1, contextTokens: 0 });
      return walkPlan(plan, { ...resolved.virtual!.clock, step }).stepNs;
    };
    const faster = stepNs('rows') < stepNs('whole') ? 'rows' : 'whole';
    const { experts, why } = await pickExperts(MODEL, options);
    expect(experts).toBe(faster);
    expect(why).toMatch(/^a token takes [\d.]+ us, with (rows|whole) [\d.]+ us/);
    const prepared = await prepare({ ...options, model: MODEL, experts: 'auto' });
    expect(prepared.options.plan.experts).toBe(faster);
  },
);

test('the megatron plan leaves one placement, a model without experts none', async () => {
  const megatron = { ...given('h100'), tensorPlan: 'megatron' as const };
  expect(await pickExperts(MODEL, megatron)).toEqual({
    ...{ experts: 'rows', why: 'the other does not fit' },
  });
  const { why } = await pickExperts(openSynthetic('synthetic:tiny'), {});
  expect(why).toBe('it has no experts');
});

test('without a described machine there is no clock to go by', async () => {
  const auto = prepare({ model: MODEL, grid: '2x1', experts: 'auto' });
  await expect(auto).rejects.toThrow(/experts is auto.*--as/);
});
