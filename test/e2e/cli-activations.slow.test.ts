import { expect, test } from 'vitest';
import { runCli, runCliJson, runCliWell } from './cli-process.ts';

const INT8 = ['--activations', 'int8', '--kv', 'q8_0'];

test('8-bit activations and a narrow KV cache are named by what computes with them', async () => {
  const [run, plan, logits] = await Promise.all([
    runCli(['run', 'synthetic:tiny:q8_0', 'Once', '--max-tokens', '2', ...INT8]),
    runCliWell(['plan', 'synthetic:tiny:q8_0', ...INT8]),
    runCliJson(['logits', 'synthetic:tiny:q8_0', '--tokens', '256,79', ...INT8]),
  ]);
  expect(run.stderr).toContain('rounding, int8 activations, q8_0 KV cache');
  expect(plan).toMatch(/^grid .* rounding, int8 activations, q8_0 KV cache$/m);
  expect(logits).toMatchObject({ activations: 'int8', kv: 'q8_0' });
});

test('bench reports their error beside the speed', async () => {
  const words = ['bench', 'synthetic:tiny:q4_0', '--quick', '--repetitions', '1', '--json'];
  const report = await runCliJson([...words, ...INT8]);
  expect(report).toMatchObject({
    activations: 'int8',
    activationError: { tokenCount: 8 },
    kv: 'q8_0',
    kvError: { tokenCount: 8 },
  });
  const { meanLogitError, maxLogitError } = report['activationError'] as Record<string, number>;
  expect(meanLogitError).toBeGreaterThan(0);
  expect(maxLogitError).toBeGreaterThan(meanLogitError!);
});
