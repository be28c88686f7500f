import { spawnSync } from 'node:child_process';
import { expect, onTestFinished, test } from 'vitest';
import { PyTorch } from './pytorch.ts';
import type { PyTorchTask } from './pytorch.ts';

const TINY: PyTorchTask = {
  ...{ width: 16, layers: 2, heads: 2, kvHeads: 1, ffn: 24, vocab: 64 },
  ...{ context: 16, isTied: true, rows: 2 },
};
const USE = { vectors: '256-bit', threads: 1 } as const;

const hasTorch = spawnSync('python3', ['-c', 'import torch']).status === 0;
if (!hasTorch) console.warn('skipped: turns of PyTorch, as python3 with torch is absent');

test('a program that is not there, or has no torch, is told', async () => {
  const missing = PyTorch.open(TINY, { ...USE, python: 'no-such-python' });
  await expect(missing).rejects.toThrow(/PEER_UNAVAILABLE.*no-such-python ENOENT/);
  const other = PyTorch.open(TINY, { ...USE, python: process.execPath });
  await expect(other).rejects.toThrow(/PEER_UNAVAILABLE.*PyTorch cannot be used/);
});

test.skipIf(!hasTorch)('PyTorch takes its turns', { timeout: 60_000 }, async () => {
  const peer = await PyTorch.open(TINY, { ...USE, python: 'python3' });
  onTestFinished(() => peer.close());
  await peer.turn(1);
  await peer.turn(2);
  expect(peer.version).toMatch(/^\d+\.\d+/);
  expect(peer.ms.every((ms) => ms > 0)).toBe(true);
  expect(peer.ms).toHaveLength(2);
});
