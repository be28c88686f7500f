import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, onTestFinished, test } from 'vitest';
import { PyTorch, widthsHere } from '../peers/pytorch.ts';
import type { PyTorchVectors } from '../peers/pytorch.ts';
import { Contender } from './contender.ts';
import { arrangementsOf, TRAIN_CASE_QUICK } from './train-cases.ts';
import { openPeers, peerRow } from './train-peers.ts';

const TINY = TRAIN_CASE_QUICK['tiny']!;
const { signal } = new AbortController();

const folder = mkdtempSync(join(tmpdir(), 'wafer-peers-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** In Python's place: says what its kernels are, and that each step takes `ms`. */
function standIn(kernels: string, ms: number): string {
  const path = join(folder, `python-${ms}`);
  const hello = `{"version":"9.1","blas":"OpenBLAS","kernels":"'${kernels}'"}`;
  const turns = `while read -r steps; do echo '{"ms":${ms}}'; done`;
  writeFileSync(path, `#!/bin/sh\necho '${hello}'\n${turns}\n`, { mode: 0o755 });
  return path;
}

async function opened(kernels: string, ms: number): Promise<PyTorch[]> {
  const python = standIn(kernels, ms);
  const peers = await openPeers(TINY, { names: ['pytorch'], python }, signal);
  onTestFinished(() => {
    for (const peer of peers) peer.close();
  });
  return peers;
}

test('a peer is opened at each width that it keeps to, else once at its own', async () => {
  const widths = (peers: PyTorch[]) => peers.map(({ vectors }) => vectors);
  const here = widthsHere();
  expect(widths(await opened('$OPENBLAS_CORETYPE', 1))).toEqual(here.length > 0 ? here : [null]);
  expect(widths(await opened('Zen', 2))).toEqual([null]);
  expect(await openPeers(TINY, { names: [], python: 'no-such-python' }, signal)).toEqual([]);
});

test('the ratio is ours over theirs, and its bar asks for vectors as wide as ours', async () => {
  const replicas = arrangementsOf(TINY).find(({ name }) => name === '2 replicas')!;
  const contender = await Contender.open(TINY, replicas);
  onTestFinished(() => contender.close());
  await contender.turn(1);
  const rowOf = async (ms: number, vectors: PyTorchVectors | null, isRevectorized: boolean) => {
    const python = standIn('$OPENBLAS_CORETYPE', ms);
    const peer = await PyTorch.open(TINY, { python, vectors, threads: 2, signal });
    onTestFinished(() => peer.close());
    await peer.turn(1);
    return peerRow('tiny', peer, { contenders: [contender], isRevectorized });
  };
  const slow = await rowOf(1e6, '256-bit', true);
  expect(slow).toMatchObject({ peer: 'pytorch', version: '9.1', blas: 'OpenBLAS', rows: 2 });
  expect(slow.tokensPerSecond).toBeCloseTo((2 * 16) / 1000);
  expect(slow.ratio).toBe(1e6 / contender.ms[0]!);
  expect(slow.bar).toBe(1);
  expect((await rowOf(1e6, '256-bit', false)).bar).toBe(null);
  expect((await rowOf(1e6, '512-bit', true)).bar).toBe(null);
  const fast = await rowOf(1e-6, null, true);
  expect(fast.ratio).toBeLessThan(1);
  expect(fast.bar).toBe(null);
});
