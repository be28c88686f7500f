import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeModel } from '@wafer/models';
import { openModel } from '@wafer/runtime';
import { afterAll, expect, test } from 'vitest';
import { describeModel } from './model-summary.ts';

const folder = mkdtempSync(join(tmpdir(), 'wafer-summary-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('a GGUF file is described as what it was made from, without its tokenizer.json', async () => {
  const model = await openModel('synthetic:tiny');
  const path = join(folder, 'tiny.gguf');
  writeModel({ model, format: 'gguf', path });
  const opened = await openModel(path);
  Object.defineProperty(opened.tokenizer, 'tokenizerJson', {
    get: () => {
      throw new Error('tokenizer.json was made');
    },
  });
  expect(describeModel(opened).tokenizer).toEqual(describeModel(model).tokenizer);
});
