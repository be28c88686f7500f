/**
 * What checkpoints beside the steps take of them: steps without and with, in turns.
 *
 *     node packages/train/bench/checkpoints.ts [3m 15m] [--every N] [--rounds N] [--link unix]
 *
 * Each round trains N steps without a checkpoint, then N steps of which the first begins one, then
 * writes one while nothing is trained. Printed is the median over rounds of what the second took
 * longer, over the first; the copy between steps; and, which others on the machine change less,
 * processor time: of a checkpoint by itself, over that of N steps.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { detectRounding, enableRevectorization } from '@wafer/kernels';
import {
  AsideCheckpoints,
  specOfShape,
  tokensInMemory,
  TRAIN_DEFAULTS,
  Trainer,
} from '../src/index.ts';

const SHAPES = {
  '3m': { layers: 6, width: 192, heads: 6, kvHeads: 6, ffn: 512, vocab: 4096, batch: 8 },
  '15m': { layers: 6, width: 288, heads: 6, kvHeads: 6, ffn: 768, vocab: 32_000, batch: 4 },
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { every: { type: 'string' }, rounds: { type: 'string' }, link: { type: 'string' } },
});
const [every, rounds] = [Number(values.every ?? 20), Number(values.rounds ?? 3)];
const link = values.link as 'port' | 'unix' | 'tcp' | undefined;

enableRevectorization();
for (const [name, { batch, ...shape }] of Object.entries(SHAPES)) {
  if (positionals.length > 0 && !positionals.includes(name)) continue;
  const context = 256;
  const ids = Uint32Array.from({ length: 40_000 }, (_, i) => (i * i + 7 * i) % shape.vocab);
  const trainer = new Trainer({
    model: {
      name,
      spec: specOfShape({ ...shape, context, isTied: true }),
      source: { kind: 'synthetic', seed: 0, tensors: {} },
      tokenizer: undefined,
      special: { begin: undefined, addBegin: false, ends: [] },
    },
    isNew: true,
    settings: { ...TRAIN_DEFAULTS, steps: 1e6, batch, context },
    shape: { replicas: 2, stages: 1, tiles: 1, recompute: false },
    cut: link && { chips: 2, link },
    rounding: detectRounding(),
    data: tokensInMemory(ids),
  });
  const folder = mkdtempSync(join(tmpdir(), 'wafer-checkpoints-'));
  const aside = new AsideCheckpoints(trainer.run, trainer.job.model);
  const block = async (begins: boolean): Promise<number> => {
    const startMs = performance.now();
    if (begins) await aside.begin(folder, trainer.checkpointUse({}, 2));
    for (let i = 0; i < every; i++) {
      await trainer.next();
      await new Promise((resolve) => setImmediate(resolve));
    }
    return performance.now() - startMs;
  };
  try {
    for (let i = 0; i < 2; i++) await trainer.next();
    await aside.begin(folder, trainer.checkpointUse({}, 2));
    await aside.settle();
    const before = { ...aside.times };
    const shares: number[] = [];
    const cpu = { steps: 0, alone: 0 };
    let withoutMs = 0;
    for (let round = 0; round < rounds; round++) {
      let mark = process.cpuUsage();
      const without = await block(false);
      cpu.steps += cpuMs(mark);
      shares.push((await block(true)) / without - 1);
      withoutMs += without;
      await aside.settle();
      mark = process.cpuUsage();
      await aside.begin(folder, trainer.checkpointUse({}, 2));
      await aside.settle();
      cpu.alone += cpuMs(mark);
    }
    const { copyMs, writeMs, waits } = aside.times;
    const of = (ms: number, count = rounds): string => (ms / count).toFixed(1);
    const median = shares.toSorted((a, b) => a - b)[Math.floor(rounds / 2)]!;
    const all = 2 * rounds;
    console.log(
      `${name}: step ${of(withoutMs, rounds * every)} ms, a checkpoint every ${every} steps ` +
        `${(100 * median).toFixed(2)} % (${shares.map((s) => (100 * s).toFixed(1)).join(' ')}), ` +
        `copy ${of(copyMs - before.copyMs, all)} ms, written in ` +
        `${of(writeMs - before.writeMs, all)} ms, ${waits} waits, ` +
        `${(aside.bytes / 1e6).toFixed(0)} MB of copy; processor: step ` +
        `${of(cpu.steps, rounds * every)} ms, checkpoint ${of(cpu.alone)} ms, ` +
        `${((100 * cpu.alone) / cpu.steps).toFixed(2)} %`,
    );
  } finally {
    await aside.close();
    await trainer.close();
    rmSync(folder, { recursive: true });
  }
}

function cpuMs(since: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1000;
}
