import { expect, test } from 'vitest';
import { openSynthetic } from '@wafer/models';
import type { EngineEvent } from '../engine/messages.ts';
import { resolveRequest } from '../engine/request.ts';
import { Fleet } from './fleet.ts';
import { prepareModel } from '../prepare.ts';

test('a tile that traps ends the run with a code that names it, and every thread', async () => {
  const model = openSynthetic('synthetic:tiny');
  const { options, plan } = prepareModel(model, { grid: '2x1' });
  // An address beyond the SRAM, as a broken planner might give: the kernel traps.
  const norm = plan.tiles[1]!.programs.infer.find(({ op }) => op === 'norm');
  if (norm?.op === 'norm') norm.source = { ...norm.source, address: 2 ** 31 };
  const crashed = Promise.withResolvers<Error>();
  const events: EngineEvent[] = [];
  const fleet = new Fleet(plan, options, {
    onEvents: (some) => events.push(...some),
    onCrash: (error) => crashed.resolve(error),
  });
  const use = { options, rounding: 'fused' } as const;
  await Promise.all([fleet.startEngine(plan, model, use), fleet.load(plan, model, use)]);

  const limits = { vocabCount: 512, contextMax: 64, kvTokens: 64, defaultSeed: 0 };
  const request = resolveRequest([1, 2, 3], { maxTokens: 4 }, limits);
  fleet.command({ kind: 'generate', id: 0, request });

  const error = await crashed.promise;
  expect(error).toMatchObject({ code: 'TILE_CRASHED', details: { thread: 1, tiles: [1] } });
  expect(error.message).toContain('memory access out of bounds');
  expect(events.filter(({ kind }) => kind === 'piece')).toEqual([]);
  await fleet.stop();
});
