/** Defects that an entry of the lab log had left open, and their neighbors: none was seen once. */
import type { MutatedFile } from './mutation.ts';

export const LEFT_MUTATIONS: readonly MutatedFile[] = [
  {
    file: 'models/lodging.ts',
    tests: ['models/lodging.test.ts'],
    mutations: [
      ['where files are gone, the digest of before stays', '    this.#digest = undefined;\n', ''],
    ],
  },
  {
    file: 'links/listener.ts',
    tests: ['links/listener.test.ts'],
    mutations: [
      ['a closed socket stays in the list', '        sockets.delete(socket);\n', ''],
      [
        'an error of a listener that listens ends the process',
        "    server.on('error', () => undefined);\n",
        '',
      ],
      [
        'a folder that is not there has no code',
        "    throw new WaferError('LINK_LISTEN', { address: parent, reason: reasonOf(error) });",
        '    throw error;',
      ],
    ],
  },
  {
    file: 'hub/pull.ts',
    tests: ['hub/pull.test.ts'],
    mutations: [['what a pull has already needs room again', ', 0) - hereBytes;', ', 0);']],
  },
  {
    file: 'requests/generation.ts',
    tests: ['requests/generation.test.ts'],
    mutations: [
      ['all tokens count as thinking', 'if (!this.#hasSpoken) this.#count++;', 'this.#count++;'],
      [
        'tokens count as thinking without a thought',
        'return this.#hasThought ? this.#count : 0;',
        'return this.#count;',
      ],
      [
        'a call does not end thinking',
        "content !== '' || toolCalls.length > 0;",
        "content !== '';",
      ],
      ['answers of a chat think together', 'thoughts[delta.piece.index]!', 'thoughts[0]!'],
    ],
  },
  {
    file: 'host/kernel-walk.ts',
    tests: ['host/host-kernels.test.ts'],
    mutations: [
      [
        'layers with windows have the pool of the others',
        "isInWindowPool ? 'kv-windows' : 'kv'",
        "isInWindowPool ? 'kv' : 'kv'",
      ],
      [
        'windows are walked by the blocks of the others',
        "windowBlocks: blocksOf('kv-windows', positions)",
        "windowBlocks: blocksOf('kv', positions)",
      ],
      ['the pool of windows is not filled', "of ['kv', 'kv-windows'] as", "of ['kv'] as"],
      [
        'the pool of the others is not filled',
        "of ['kv', 'kv-windows'] as",
        "of ['kv-windows'] as",
      ],
    ],
  },
  {
    file: 'chip/run-chip.ts',
    tests: ['chip/run-chip.test.ts', 'chip/chip-fleet.test.ts'],
    mutations: [
      ['a chip that cannot listen ends as if asked', '      process.exitCode = 1;\n', ''],
      [
        'a chip that cannot listen does not say why',
        '      await answer({ reason: reasonOf(error) });\n',
        '',
      ],
      ['a chip whose link ends tells it as its own', 'if (!isListening) {', 'if (order) {'],
    ],
  },
  {
    file: 'chip/spawn-chips.ts',
    tests: ['chip/run-chip.test.ts', 'chip/chip-fleet.test.ts'],
    mutations: [
      ['what a chip says last is not heard', 'why = `: ${answer.reason}`;', 'void answer.reason;'],
      ['an exit with code 0 is a cause', '{ isOwn: code !== 0 }', '{ isOwn: true }'],
    ],
  },
  {
    file: 'chip/chip-fleet.ts',
    tests: ['chip/chip-fleet.test.ts'],
    mutations: [['what follows is told at once', 'isOwn ? 0 : CAUSE_MS_MAX', '0']],
  },
];
