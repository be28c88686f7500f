/** Defects of guests, models that end, adapters' names and holds: none was seen once. */
import type { MutatedFile } from './mutation.ts';

export const GUEST_MUTATIONS: readonly MutatedFile[] = [
  {
    file: 'adapters/loaded-adapters.ts',
    tests: ['adapters/loaded-adapters.test.ts'],
    mutations: [
      ['a name is free while it is being loaded', ' || this.#loading.has(name)', ''],
      ['a hold ends as often as it is told to', '        isHeld = false;\n', ''],
      ['serials come again', 'serial: ++this.#serial', 'serial: slot'],
    ],
  },
  {
    file: 'fine-tuning/tuned-guest.ts',
    tests: ['fine-tuning/tuned-guest.test.ts'],
    mutations: [
      [
        'a guest has the template of its base',
        "return typeof own === 'string' ? { chatTemplate: own } : undefined;",
        "return typeof own === 'string' ? {} : undefined;",
      ],
      ['a guest may have another base', ' || !isBase(folder, digest)', ''],
      [
        'what ends the host makes a second wafer',
        '      if (toApiError(error).status === 503) throw error;\n',
        '',
      ],
    ],
  },
  {
    file: 'models/model-entry.ts',
    tests: ['models/lodging.test.ts', 'models/model-entry.test.ts'],
    mutations: [
      [
        'a guest has a second wafer while its host is down',
        'return base !== undefined && base.#isFailing;',
        'return false;',
      ],
      ['a model that restarts is waited for', 'if (isRestarting || ', 'if ('],
      [
        'a guest that was lost keeps its host',
        '    this.lodging.leave(this.#uses.free());\n    this.#enter',
        '    this.#enter',
      ],
      [
        'restarts have no bound',
        'if (!this.#restarts.mayFollow(performance.now())) return this.#break(error);',
        'this.#restarts.mayFollow(performance.now());',
      ],
      [
        'a wafer that comes too late for its model stays',
        '        await this.#giveUp(wafer);\n        throw this.#unavailable();',
        '        throw this.#unavailable();',
      ],
      [
        'an adapter that is broken ends the server',
        'if (this.#base === undefined) this.#events.onBroken',
        'this.#events.onBroken',
      ],
      [
        'the wafer of a start before ends the one that runs',
        '    if (this.#wafer !== wafer) return;\n',
        '',
      ],
      [
        'a model that is used is dropped',
        'if (wafer === undefined || this.#uses.count > 0) return;',
        'if (wafer === undefined) return;',
        'nobody is told that it is idle while it is used: a use stops the timer',
      ],
    ],
  },
  {
    file: 'models/lodging.ts',
    tests: ['models/lodging.test.ts'],
    mutations: [
      ['a guest that left is told of the end', '      guests.delete(onLost);\n', ''],
      [
        'a slot that cannot be given back keeps the host',
        '.catch(() => undefined); // it went',
        '; // it went',
      ],
    ],
  },
  {
    file: 'checkpoint/aside.ts',
    tests: ['checkpoint/aside.test.ts'],
    mutations: [
      ['a thread outlives its checkpoints', '    await this.#worker?.terminate();\n', ''],
    ],
  },
  {
    file: 'src/trainer.ts',
    tests: ['src/trainer.test.ts'],
    mutations: [
      [
        'references of the validation are those of the data',
        'pairs.references = references[index]',
        'pairs.references = references[index * 0]',
      ],
      [
        'other preferences of the validation are taken for those of before',
        'hashOf(valid === undefined ? [data] : [data, valid])',
        'hashOf([data])',
      ],
    ],
  },
  {
    file: 'train/src/network/expert-ops.ts',
    tests: ['network/program.test.ts'],
    mutations: [
      [
        'a router of 65 groups is trained',
        'groups.count > GROUPS_MAX',
        'groups.count > GROUPS_MAX + 1',
      ],
      [
        'a router of 64 groups is refused',
        'groups.count > GROUPS_MAX',
        'groups.count >= GROUPS_MAX',
      ],
    ],
  },
  {
    file: 'train/src/engine/expert-ops.ts',
    tests: ['engine/run.test.ts'],
    mutations: [
      ['routers choose without their bias', '    state.weight(op.selectionBias),\n', '    0,\n'],
      [
        'all groups of a router are kept',
        'router.groups?.keptCount ?? 1',
        'router.groups?.count ?? 1',
      ],
    ],
  },
  {
    file: 'host/kernel-shape.ts',
    tests: ['host/kernel-shape.test.ts'],
    mutations: [
      ['norms are of one row per token', 'tokens: tokens * instruction.perToken', 'tokens'],
      ['logits are of all rows', 'columns, tokens: step.logitRows }', 'columns, tokens }'],
      [
        'heads do not count in attention',
        'shape.tokens * shape.heads * shape.headWidth * shape.positions',
        'shape.tokens * shape.headWidth * shape.positions',
      ],
      [
        'a segment appends before it attends',
        'positions: startPosition + rowCount',
        'positions: startPosition',
      ],
      [
        'groups of heads have no name',
        '`attend ${heads}/${kvHeads}x${headWidth}',
        '`attend ${heads}x${headWidth}',
      ],
    ],
  },
  {
    file: 'host/kernel-times.ts',
    tests: ['host/kernel-times.test.ts'],
    mutations: [
      [
        'norms and sums are one kind of kernel',
        "shape.op === 'linear' ? `${shape.op} ${shape.type}` : shape.op",
        "shape.op === 'linear' ? `${shape.op} ${shape.type}` : 'rest'",
      ],
    ],
  },
];
