import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, onTestFinished, test, vi } from 'vitest';
import { isHeld, PyTorch } from './pytorch.ts';
import type { PyTorchTask } from './pytorch.ts';

const TINY: PyTorchTask = {
  ...{ width: 16, layers: 2, heads: 2, kvHeads: 1, ffn: 24, vocab: 64 },
  ...{ context: 16, isTied: true, rows: 2 },
};
const { signal } = new AbortController();
const USE = { vectors: '256-bit', threads: 1, signal } as const;
const HELLO = `echo '{"version":"9.1","blas":"OpenBLAS","kernels":"'$OPENBLAS_CORETYPE'"}'`;

const folder = mkdtempSync(join(tmpdir(), 'wafer-python-'));
afterAll(() => rmSync(folder, { recursive: true }));

let count = 0;

/** A program in Python's place. */
function standIn(script: string): string {
  const path = join(folder, `python-${count++}`);
  writeFileSync(path, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return path;
}

const hasTorch = spawnSync('python3', ['-c', 'import torch']).status === 0;
if (!hasTorch) console.warn('skipped: turns of PyTorch, as python3 with torch is absent');

test('a program that is not there, or has no torch, is told', async () => {
  const missing = PyTorch.open(TINY, { ...USE, python: 'no-such-python' });
  await expect(missing).rejects.toThrow(/PEER_UNAVAILABLE.*no-such-python ENOENT/);
  const other = PyTorch.open(TINY, { ...USE, python: process.execPath });
  await expect(other).rejects.toThrow(/PEER_UNAVAILABLE.*PyTorch cannot be used/);
});

test('what prints something else is told with it, and ended', async () => {
  const python = standIn('echo $$; exec sleep 60');
  const error = await PyTorch.open(TINY, { ...USE, python }).catch(String);
  const id = /PEER_UNAVAILABLE.* it printed (\d+)/.exec(String(error))?.[1];
  expect(id).toBeDefined();
  await vi.waitFor(() => expect(() => process.kill(Number(id), 0)).toThrow('ESRCH'));
});

test('what it says after the end of its output is its reason', async () => {
  const late = standIn('exec 1>&-; sleep 0.2; echo no module named torch >&2; exit 1');
  const opening = PyTorch.open(TINY, { ...USE, python: late });
  await expect(opening).rejects.toThrow(/PEER_UNAVAILABLE.*no module named torch/);
  const silent = standIn('exec 2>&-; kill -9 $$');
  const other = PyTorch.open(TINY, { ...USE, python: silent });
  await expect(other).rejects.toThrow(/PEER_UNAVAILABLE.*it was ended by SIGKILL/);
});

test('a turn without a time is no turn', async () => {
  const python = standIn(`${HELLO}; while read -r steps; do echo '{"loss":1}'; done`);
  const peer = await PyTorch.open(TINY, { ...USE, python });
  onTestFinished(() => peer.close());
  expect(peer.vectors).toBe('256-bit');
  await expect(peer.turn(1)).rejects.toThrow(/PEER_UNAVAILABLE.*how long/);
  expect(peer.ms).toEqual([]);
});

test('a signal ends it at its first steps', async () => {
  const controller = new AbortController();
  const use = { ...USE, python: standIn('exec sleep 59'), signal: controller.signal };
  const opening = PyTorch.open(TINY, use);
  const reason = new Error('enough');
  controller.abort(reason);
  await expect(opening).rejects.toBe(reason);
});

test('a width is told where OpenBLAS says so, or MKL on a processor of Intel', () => {
  expect(isHeld('256-bit', { blas: 'OpenBLAS', kernels: 'Haswell' })).toBe(true);
  expect(isHeld('512-bit', { blas: 'OpenBLAS', kernels: 'SkylakeX' })).toBe(true);
  expect(isHeld('256-bit', { blas: 'OpenBLAS', kernels: 'Zen' })).toBe(false);
  expect(isHeld('256-bit', { blas: 'generic', kernels: '' })).toBe(false);
  expect(isHeld('256-bit', { blas: 'MKL', kernels: '' }, 'AMD EPYC')).toBe(false);
  expect(isHeld('256-bit', { blas: 'MKL', kernels: '' }, 'Intel(R) Xeon(R) Processor')).toBe(true);
});

test.skipIf(!hasTorch)('PyTorch takes its turns', { timeout: 60_000 }, async () => {
  const peer = await PyTorch.open(TINY, { ...USE, python: 'python3' });
  onTestFinished(() => peer.close());
  await peer.turn(1);
  await peer.turn(2);
  expect(peer.version).toMatch(/^\d+\.\d+/);
  expect(peer.blas).not.toBe('');
  expect(peer.ms.every((ms) => ms > 0)).toBe(true);
  expect(peer.ms).toHaveLength(2);
});
