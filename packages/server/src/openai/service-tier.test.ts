import { expect, test } from 'vitest';
import { tierOf } from './service-tier.ts';

test('priority goes before the default, flex behind it; what is unknown is the default', () => {
  const order = ['priority', null, 'auto', 'flex'].map((asked) => tierOf(asked, {}));
  expect(order.map(({ tier }) => tier)).toEqual(['priority', 'default', 'default', 'flex']);
  const [first, second, third, last] = order.map(({ priority }) => priority);
  expect(first).toBeGreaterThan(second!);
  expect(third).toBe(second);
  expect(last).toBeLessThan(second!);
  const body = { service_tier: 'auto', service_tier_used: 'default' };
  expect(tierOf('auto', {}).body).toEqual(body);
});

test('what runs below live traffic is flex whatever it asks for, with its own priority', () => {
  expect(tierOf('priority', { priority: -100 })).toMatchObject({
    ...{ tier: 'flex', priority: -100 },
    body: { service_tier: 'priority', service_tier_used: 'flex' },
  });
});

test.each([
  ['50', 50],
  ['20000', 20_000],
  ['49', undefined],
  ['20001', undefined],
  ['60.5', undefined],
  ['soon', undefined],
  ['', undefined],
])('the threshold %j is %j milliseconds', (given, waitMs) => {
  for (const name of ['queue_threshold', 'queue-threshold']) {
    const tier = (): unknown => tierOf(null, { headers: { [name]: given } }).waitMsMax;
    if (waitMs !== undefined) expect(tier()).toBe(waitMs);
    else expect(tier).toThrow(expect.objectContaining({ param: 'queue_threshold' }));
  }
});
