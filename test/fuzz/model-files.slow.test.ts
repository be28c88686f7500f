import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { fuzzModelFiles } from './model-files.ts';

const folder = mkdtempSync(join(tmpdir(), 'wafer-fuzz-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('400 broken models open or are refused with a code', async () => {
  const report = await fuzzModelFiles(folder, { seed: 1, count: 400 });
  expect(report.failures).toEqual([]);
  expect(report.openedCount + report.refusedCount).toBe(400);
  // Mutants reach past the containers: into configs, tensors and tokenizers.
  expect(Object.keys(report.codes)).toEqual(
    expect.arrayContaining([
      'CONFIG_INVALID',
      'GGUF_INVALID',
      'SAFETENSORS_INVALID',
      'TENSOR_MISSING',
      'TOKENIZER_INVALID',
    ]),
  );
  expect(report.openedCount).toBeGreaterThan(30);
});
