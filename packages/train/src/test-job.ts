/**
 * A short run of a tiny model, for tests of its checkpoints.
 */
import { detectRounding } from '@wafer/kernels';
import { tokensInMemory } from './data/token-source.ts';
import { testModel, TINY } from './reference/test-models.ts';
import { TRAIN_DEFAULTS } from './settings.ts';
import type { TrainJob } from './trainer.ts';

export const TEST_STEPS = 6;

export function testJob(more: Partial<TrainJob> = {}): TrainJob {
  const ids = Uint32Array.from({ length: 700 }, (_, i) => (i * i + 7 * i) % TINY.vocabCount);
  return {
    model: testModel(),
    isNew: true,
    settings: { ...TRAIN_DEFAULTS, steps: TEST_STEPS, batch: 2, context: 16 },
    shape: { replicas: 1, stages: 1, tiles: 1, recompute: false },
    rounding: detectRounding(),
    data: tokensInMemory(ids),
    ...more,
  };
}
