/** Defects of loading, of who watches it, and of streams: none was seen once. */
import type { MutatedFile } from './mutation.ts';

export const STREAM_MUTATIONS: readonly MutatedFile[] = [
  {
    file: 'tile/load-shards.ts',
    tests: ['tile/load-shards.test.ts'],
    mutations: [
      ['a load that was stopped goes on', '    if (watch.isStopped()) return;\n', ''],
      ['a matrix of no numbers is taken', 'columnCount) !== 0) {', 'columnCount) < 0) {'],
      [
        'huge pages are asked for behind what is written',
        'target.hugePages?.fill(address, bytes);',
        'target.hugePages?.fill(address + bytes, bytes);',
      ],
      ['nobody is told of what is in place', '    watch.report(shard.bytes);\n', ''],
    ],
  },
  {
    file: 'src/huge-pages.ts',
    tests: ['src/huge-pages.test.ts'],
    mutations: [
      [
        'a plain page between two buffers is filled',
        'address - last.end >= GAP_BYTES_MAX',
        'address - last.end > GAP_BYTES_MAX',
      ],
    ],
  },
  {
    file: 'plan/stage/experts.ts',
    tests: ['contract/experts.test.ts'],
    mutations: [['every tile adds the biases of experts', 'member === 0 });', 'true });']],
  },
  {
    file: 'train/src/engine/run.ts',
    tests: ['checkpoint/aside.test.ts'],
    mutations: [
      [
        'an evaluation makes old what was gathered',
        'if (!isEvaluation) this.#isCurrent = false;',
        'this.#isCurrent = false;',
      ],
      ['chips outlive their run', '    await this.#cut?.chips.close();\n', ''],
    ],
  },
  {
    file: 'threads/watchdog.ts',
    tests: ['threads/watchdog.test.ts'],
    mutations: [
      ['a failure is told again and again', '        this.stop();\n        const', '        const'],
      [
        'silences of loading count',
        '    for (const pulse of this.#pulses) pulse.longestMs = 0;',
        '',
      ],
      [
        'the watchdog holds the process',
        'this.#limits.heartbeatMs).unref();',
        'this.#limits.heartbeatMs);',
      ],
    ],
  },
  {
    file: 'engine/event-buffer.ts',
    tests: ['engine/event-buffer.test.ts'],
    mutations: [
      [
        'a step of any rows is as long as the one before',
        'Math.max(1, (nextRows ?? 1) / this.#stepRows)',
        '1',
      ],
      ['pieces wait from the last of them on', 'Math.min(this.#dueAtMs, ', 'Math.max(0, '],
      ['who may not wait takes all along', 'due.has(id));\n    this', 'true);\n    this'],
      [
        'what waits is due when what has left was',
        'if (this.#events.length === 0) this.#dueAtMs = Infinity;',
        '',
      ],
    ],
  },
  {
    file: 'http/connections.ts',
    tests: ['http/connections.test.ts'],
    mutations: [
      ['one that gave way stays first in line', '    idle.delete(longestPeer);', '    //'],
      ['who asks gives way', 'else if (peer !== undefined) idle.delete(peer);', ''],
      [
        'who was answered stays busy',
        'if (left === 0) rest(socket);',
        'if (left < 0) rest(socket);',
      ],
      ['who ends is counted on', '      openCount--;\n', ''],
    ],
  },
  {
    file: 'models/prompt-rate.ts',
    tests: ['models/prompt-rate.test.ts'],
    mutations: [
      [
        'what went without being read counts',
        'if (wasRead) this.#openTokens += tokens;',
        'this.#openTokens += tokens;',
      ],
    ],
  },
  {
    file: 'server/src/requests/generation.ts',
    tests: ['requests/generation.test.ts'],
    mutations: [
      ['no request ever begins', 'if (!hasBegun) slot?.begin();', ''],
      [
        'a chat that was aborted is rendered',
        '      signal.throwIfAborted();\n      const rendered',
        '      const rendered',
      ],
    ],
  },
  {
    file: 'requests/map-stream.ts',
    tests: ['requests/map-stream.test.ts'],
    mutations: [
      [
        'an end is told as often as it is met',
        '    if (this.#isOver) return;\n    this.#isOver = true;\n    this.#parts',
        '    this.#isOver = true;\n    this.#parts',
      ],
    ],
  },
];
