/** Defects in channels, doorbells and links between threads. */
import type { MutatedFile } from './mutation.ts';

export const FABRIC: readonly MutatedFile[] = [
  {
    file: 'channel.ts',
    tests: ['channel.test.ts'],
    mutations: [
      [
        'the header is written after its counter',
        `    this.#words[CHANNEL_LINE.sequence / 4] = sequence;
    Atomics.store(this.#words, CHANNEL_LINE.pushed / 4, sequence);`,
        `    Atomics.store(this.#words, CHANNEL_LINE.pushed / 4, sequence);
    this.#words[CHANNEL_LINE.sequence / 4] = sequence;`,
      ],
      [
        'a message is published before its count of rows',
        `    this.#words[CHANNEL_LINE.rows / 4] = rowCount;
`,
        '',
      ],
      [
        'a sender has two credits for one window',
        'return ((this.#sent - this.#line.popped) | 0) < 1;',
        'return ((this.#sent - this.#line.popped) | 0) < 2;',
      ],
      [
        'the bell is rung before the window is given back',
        `    this.#line.popped = this.#released;
    this.#doorbell.ring();`,
        `    this.#doorbell.ring();
    this.#line.popped = this.#released;`,
      ],
      [
        'scattered rows leave out the first',
        'for (let i = 0; i < count; i++) {',
        'for (let i = 1; i < count; i++) {',
      ],
      ['the sequence of a message is not looked at', 'if (actual !== expected) {', 'if (false) {'],
      [
        'counters compare without wrapping',
        'return ((this.#line.pushed - this.#taken) | 0) > 0;',
        'return this.#line.pushed > this.#taken;',
      ],
      [
        'payload is counted in words',
        'this.#line.countMessage(count * rowBytes, 0);',
        'this.#line.countMessage(count * (rowBytes / 4), 0);',
      ],
    ],
  },
  {
    file: 'doorbell.ts',
    tests: ['doorbell.test.ts'],
    mutations: [
      [
        'the bell of an I/O thread looks too early',
        `  async rungUnless(hasWork: () => boolean): Promise<void> {
    this.beat();
    Atomics.store(this.#words, this.#asleep, 1);
    const bell = Atomics.load(this.#words, this.#bell);
    if (!hasWork()`,
        `  async rungUnless(hasWork: () => boolean): Promise<void> {
    const isIdle = !hasWork();
    Atomics.store(this.#words, this.#asleep, 1);
    const bell = Atomics.load(this.#words, this.#bell);
    if (isIdle`,
      ],
      [
        'a sleeping thread looks too early',
        `  sleepUnless(hasWork: () => boolean, timeoutMs?: number): void {
    this.beat();
    Atomics.store(this.#words, this.#asleep, 1);`,
        `  sleepUnless(hasWork: () => boolean, timeoutMs?: number): void {
    if (hasWork()) return;
    hasWork = () => false;
    Atomics.store(this.#words, this.#asleep, 1);`,
      ],
      [
        'an I/O thread stays asleep for others once it has woken',
        `).value;
    }
    Atomics.store(this.#words, this.#asleep, 0);`,
        `).value;
    }`,
      ],
      [
        'a ringer notifies without moving the bell',
        `=== 0) return;
    Atomics.add(this.#words, this.#bell, 1);`,
        '=== 0) return;',
      ],
      [
        'stop wakes nobody',
        `    Atomics.add(words, bell, 1);
    Atomics.notify(words, bell);`,
        `    Atomics.add(words, bell, 0);`,
      ],
    ],
  },
  {
    file: 'transports/port.ts',
    tests: ['channel.test.ts'],
    mutations: [
      [
        'a port gives no credit back',
        '        post(this.#port, packr.pack(credit));',
        '        packr.pack(credit);',
      ],
      [
        'owned rows go where they stood in the message',
        "const row = typeof which === 'number' ? i : which[i]!;",
        'const row = i;',
      ],
    ],
  },
];
