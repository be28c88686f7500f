import { expect, test } from 'vitest';
import { checkOptions } from './check-options.ts';
import { Wafer } from './wafer.ts';

const refused = (options: unknown): unknown => {
  try {
    checkOptions(options);
    return undefined;
  } catch (error) {
    const { code, details } = error as { code: string; details: { option: string } };
    return [code, details.option];
  }
};

test.each([undefined, null, 5, 'model', [], {}, { model: undefined }])(
  'options that are none are refused: %j',
  (options) => {
    expect(refused(options)).toEqual(['PLAN_OPTION', expect.stringMatching(/options|model/)]);
  },
);

test.each([
  ['model', 5],
  ['model', { spec: {} }],
  ['modelsFolder', 1],
  ['grid', 2],
  ['grid', null],
  ['stages', '1'],
  ['stages', 1n],
  ['threads', Symbol('x')],
  ['chips', 'localhost:1'],
  ['chips', [1]],
  ['secret', 'secret'],
  ['reusePrefixes', 'yes'],
  ['logger', () => undefined],
  ['onProgress', {}],
  ['signal', {}],
  ['rounding', 'up'],
  ['contextTokes', 5],
  ['toString', 5],
])('%s of a wrong kind, or unknown, is refused by its name', async (option, value) => {
  const options = { model: 'synthetic:tiny', [option]: value };
  expect(refused(options)).toEqual(['PLAN_OPTION', option]);
  await expect(Wafer.start(options as never)).rejects.toMatchObject({ code: 'PLAN_OPTION' });
});

test('what is left out, undefined or behind a proxy is taken', () => {
  expect(refused({ model: 'synthetic:tiny', grid: undefined })).toBeUndefined();
  expect(refused(new Proxy({ model: 'synthetic:tiny', stages: 1 }, {}))).toBeUndefined();
});
