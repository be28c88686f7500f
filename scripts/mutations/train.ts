/** Defects in optimizers, schedules, validation and checkpoints. */
import type { MutatedFile } from './mutation.ts';

export const TRAIN_MUTATIONS: readonly MutatedFile[] = [
  {
    file: 'checkpoint/checkpoint.ts',
    tests: ['trainer.test.ts'],
    mutations: [
      [
        'second moments have no checksum',
        ".update(values.bytes('first')).update(values.bytes('second'));",
        ".update(values.bytes('first'));",
      ],
      [
        'the seal of a state is not looked at',
        "record['format'] === FORMAT || 'seal' in record",
        "record['format'] === 0",
      ],
      [
        'a checkpoint cannot take the place of another',
        '    rmSync(path, { recursive: true, force: true });\n    renameSync',
        '    renameSync',
      ],
      [
        'weights have no checksum',
        "if (record.weights !== actual.weights) throw new Error('weights have another checksum');",
        '',
      ],
      [
        'cut-off moments are read as far as they go',
        'if (moments.length !== first.length + second.length) throw new Error(',
        'if (moments.length > first.length + second.length) throw new Error(',
        'then their checksum is another, which is the same error',
      ],
    ],
  },
  {
    file: 'train/src/trainer.ts',
    tests: ['trainer.test.ts'],
    mutations: [
      [
        'a skipped step is an update',
        'if (!found.isSkipped) this.#updates = update;',
        'this.#updates = update;',
      ],
      [
        'rows past the end of a validation count',
        'for (const row of this.#batch.slice(count - first)) row.counts.fill(0);',
        '',
      ],
      [
        'rows past the end of a validation have targets',
        'for (const row of this.#batch.slice(count - first)) row.countedTargets = 0;',
        '',
      ],
      [
        'a validation is a mean of rows',
        'targets += part.targets;',
        'targets += this.#batch.length;',
      ],
      [
        'a step has the rate of the one before',
        'learningRate(schedule, step, steps);',
        'learningRate(schedule, this.#step, steps);',
      ],
      ['updates begin anew', '      this.#updates = from.state.updates;\n', ''],
    ],
  },
  {
    file: 'train/src/preferences.ts',
    tests: ['trainer.test.ts'],
    mutations: [
      [
        'both answers are to become likelier',
        'batch[other]!.share = -weight / pairCount;',
        'batch[other]!.share = weight / pairCount;',
      ],
      [
        'a pair that is not told apart counts as right',
        'sums.accuracy += margin > 0 ? 1 : 0;',
        'sums.accuracy += margin >= 0 ? 1 : 0;',
      ],
      [
        'a margin counts the more the larger it is',
        'weight: beta / (1 + Math.exp(margin))',
        'weight: beta / (1 + Math.exp(-margin))',
      ],
    ],
  },
  {
    file: 'train/src/schedule.ts',
    tests: ['schedule.test.ts'],
    mutations: [
      ['the fall begins below the rate', 'return into <= 0 ? lr', 'return into < -1 ? lr'],
      [
        'the warm-up ends one step early',
        'if (step <= warmup)',
        'if (step < warmup)',
        'every schedule begins at the full rate, which is that of the last step of the warm-up',
      ],
    ],
  },
  {
    file: 'optimizer/adamw.ts',
    tests: ['optimizer.test.ts'],
    mutations: [
      ['AdamW is not clipped', 'f(gradient[i]! * scalars.scale)', 'f(gradient[i]!)'],
      [
        'epsilon is under the root',
        'f(f(Math.sqrt(f(v / correction2))) + eps)',
        'f(Math.sqrt(f(f(v / correction2) + eps)))',
      ],
    ],
  },
  {
    file: 'optimizer/sgd.ts',
    tests: ['optimizer.test.ts'],
    mutations: [['momentum is not clipped', 'f(gradient[i]! * scalars.scale)', 'f(gradient[i]!)']],
  },
  {
    file: 'optimizer/muon.ts',
    tests: ['optimizer.test.ts'],
    mutations: [
      ['Muon is not clipped', 'const g = f(gradient[i]! * scale);', 'const g = f(gradient[i]!);'],
      ['Muon looks not ahead', 'wanted[i] = g + f(momentum * u);', 'wanted[i] = u;'],
      ['a round is left out', 'const ROUNDS = 5;', 'const ROUNDS = 4;'],
      [
        'the smaller side decides the size',
        'Math.sqrt(Math.max(rows, columns))',
        'Math.sqrt(Math.min(rows, columns))',
      ],
    ],
  },
  {
    file: 'train/src/network/expert-ops.ts',
    tests: ['train/src/trainer.test.ts'],
    mutations: [
      [
        'what a model says of its balance is not asked',
        'return asked ?? experts.balanceLoss ?? BALANCE_LOSS_DEFAULT;',
        'return asked ?? BALANCE_LOSS_DEFAULT;',
      ],
    ],
  },
  {
    file: 'train/src/engine/expert-ops.ts',
    tests: ['engine/run.test.ts'],
    mutations: [
      [
        'biases of experts do not learn',
        'if (bias === undefined || !state.isTrained(bias)) return;',
        'if (bias === undefined || state.isTrained(bias)) return;',
      ],
    ],
  },
  {
    file: 'train/src/engine/expert-matrices.ts',
    tests: ['engine/run.test.ts'],
    mutations: [
      [
        'rows of experts are turned again for no matrix',
        'if (state.turnedSlot === slot.index) return;',
        'if (state.turnedSlot >= 0) return;',
      ],
    ],
  },
  {
    file: 'train/src/engine/expert-adapters.ts',
    tests: ['engine/run.test.ts'],
    mutations: [
      [
        'what experts drop has no gradient of its own',
        'if (!dx.adds) return dropSlots(op, { target, source: dropped }, state);',
        'if (!dx.adds) return;',
      ],
      ['the factor of adapters of experts is left out', 'adapters[0]!.scale', '1'],
    ],
  },
  {
    file: 'train/src/engine/meetings.ts',
    tests: ['engine/meetings.test.ts'],
    mutations: [
      [
        'tiles do not wait for what another reads',
        'if (isSide(op, next)) return false;\n  // Panels',
        'if (next !== op) return false;\n  // Panels',
      ],
    ],
  },
  {
    file: 'train/src/engine/routing.ts',
    tests: ['engine/run.test.ts'],
    mutations: [
      [
        'experts have no panel of their own',
        'slots + 15 * Math.min(experts.expertCount, slots)',
        'slots + 15',
      ],
    ],
  },
];
