import { mkdtempSync, rmSync, symlinkSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { quickSettings, runSpeed, speedLines } from '@wafer/bench';

/** Models of this run, and the peers that are kept from run to run. */
const cacheFolder = mkdtempSync(join(tmpdir(), 'wafer-peers-'));
const kept = fileURLToPath(new URL('../../.cache/peers', import.meta.url));
mkdirSync(kept, { recursive: true });
symlinkSync(kept, join(cacheFolder, 'peers'));
afterAll(() => rmSync(cacheFolder, { recursive: true }));

test('peers take turns on the same weights and write the same tokens', async () => {
  const settings = { ...quickSettings(), types: ['f32'] as const, revectorize: [false] };
  const report = await runSpeed({
    ...settings,
    ...{ tiles: [1], contexts: [], peers: ['llama-cpp', 'onnx'] },
    ...{ models: ['synthetic:tiny'], cacheFolder },
  });
  const { rows, logitsDifferences } = report.groups[0]!;
  const tokensOf = (name: string): string[] =>
    rows.filter((row) => row.name === name).map((row) => `${row.engine} ${row.tokensHash}`);
  const hash = /\w{16}$/.exec(tokensOf('decode x1 after 4')[0]!)![0];
  expect(tokensOf('decode x1 after 4')).toEqual(
    ['wafer', 'llama-cpp', 'onnx'].map((engine) => `${engine} ${hash}`),
  );
  expect(tokensOf('decode x2 after 4').map((text) => text.split(' ')[0])).toEqual([
    'wafer',
    'llama-cpp',
  ]);
  // ONNX Runtime computes in f32: 2e-6 measured. llama.cpp keeps its cache in f16: 6e-3.
  expect(logitsDifferences['onnx 1']).toBeLessThanOrEqual(1e-3);
  expect(logitsDifferences['llama-cpp 1']).toBeLessThanOrEqual(5e-2);
  expect(speedLines(report).join('\n')).toContain('llama-cpp');
});
