/**
 * Further defects of the same kinds, put in when all of the first were seen: fabric, text, files.
 * Of those in doorbells and links four passed at first, and made tests of their own.
 */
import type { MutatedFile } from './mutation.ts';

export const FURTHER_MUTATIONS: readonly MutatedFile[] = [
  {
    file: 'fabric/src/channel.ts',
    tests: ['channel.test.ts'],
    mutations: [
      [
        'a full message is refused',
        'if (count < 0 || count > this.#plan.rowsMax ||',
        'if (count < 0 || count >= this.#plan.rowsMax ||',
      ],
      [
        'a sender with no credit sends',
        ' || !this.hasCredit()) this.#refuse(count);',
        ') this.#refuse(count);',
      ],
      [
        'giving back rings nobody',
        `    this.#line.popped = this.#released;
    this.#doorbell.ring();`,
        '    this.#line.popped = this.#released;',
      ],
      [
        'what was never taken is given back',
        'if (this.#released === this.#taken) {',
        'if (false) {',
      ],
    ],
  },
  {
    file: 'doorbell.ts',
    tests: ['doorbell.test.ts'],
    mutations: [
      [
        'an I/O thread sleeps through the stop',
        `if (!hasWork() && !this.isStopped) {
      await`,
        `if (!hasWork()) {
      await`,
      ],
      [
        'a sleeping thread gives no sign of life',
        `  sleepUnless(hasWork: () => boolean, timeoutMs?: number): void {
    this.beat();
`,
        `  sleepUnless(hasWork: () => boolean, timeoutMs?: number): void {
`,
      ],
    ],
  },
  {
    file: 'recovery.ts',
    tests: ['recovery.test.ts', 'endpoint.test.ts'],
    mutations: [
      [
        'bytes in doubt are unbounded',
        'return this.#window.count < windowFrames && this.#window.bytes < windowBytes;',
        'return this.#window.count < windowFrames;',
      ],
      [
        'bytes owed are owed for ever',
        `    this.#owedFrames = 0;
    this.#owedBytes = 0;`,
        '    this.#owedFrames = 0;',
      ],
      [
        'failures are never forgotten',
        `    this.#failures = 0;
    this.#recoveredAtMs = -Infinity;`,
        '    this.#recoveredAtMs = -Infinity;',
      ],
      [
        'a nak is repeated at once',
        'if (this.#nakExpected === this.#expected && now < this.#nakAgainAtMs) return false;',
        '',
      ],
      [
        'an empty window waits for an answer',
        `if (this.#window.count === 0) this.#resendAtMs = Infinity;
    else this.armResend(now);`,
        'this.armResend(now);',
      ],
      [
        'a repeated frame owes nothing',
        `      this.#owedFrames = this.#tuning.windowFrames;
`,
        '',
      ],
    ],
  },
  {
    file: 'link-channels.ts',
    tests: ['link-channels.test.ts'],
    mutations: [
      [
        'a credit is urgent only when all slots are used',
        '* 2 >= this.spec.slots;',
        '>= this.spec.slots;',
      ],
      ['one slot more than there are', '< this.spec.slots;', '<= this.spec.slots;'],
    ],
  },
  {
    file: 'send-window.ts',
    tests: ['send-window.test.ts'],
    mutations: [
      [
        'the window is cut off and its start stays',
        `      this.#entries = this.#entries.slice(this.#first);
      this.#first = 0;`,
        '      this.#entries = this.#entries.slice(this.#first);',
      ],
      [
        'all frames cannot be acknowledged at once',
        'if (count > this.count) return -1;',
        'if (count >= this.count) return -1;',
      ],
      [
        'recovery sends what was acknowledged',
        'for (let i = this.#first; i < this.#entries.length; i++) send(',
        'for (let i = 0; i < this.#entries.length; i++) send(',
      ],
    ],
  },
];
