/** Defects in links between processes: frames, recovery, credits, strangers, tags. */
import type { MutatedFile } from './mutation.ts';

export const LINK_MUTATIONS: readonly MutatedFile[] = [
  {
    file: 'link-channels.ts',
    tests: ['link-channels.test.ts'],
    mutations: [
      [
        'a receiver does not check credits',
        'if (((expected - this.#popped) | 0) > slots || payloadBytes > bytesMax) {',
        'if (payloadBytes > bytesMax) {',
      ],
      [
        'a receiver does not check lengths',
        'if (((expected - this.#popped) | 0) > slots || payloadBytes > bytesMax) {',
        'if (((expected - this.#popped) | 0) > slots) {',
      ],
      [
        'a sender takes credits for what it never sent',
        'if (news < 0 || news > ((this.#sent - this.#popped) | 0)) return false;',
        'if (news < 0) return false;',
      ],
      ['more is given back than was held', ' <= 0) return false;', ' < 0) return false;'],
    ],
  },
  {
    file: 'send-window.ts',
    tests: ['send-window.test.ts'],
    mutations: [
      [
        'a resent buffer is used again',
        'if (frame.transmissions === 1) pool?.give(frame);',
        'pool?.give(frame);',
      ],
      ['bytes in doubt are never freed', '      this.#bytes -= frame.byteLength;\n', ''],
      ['what was never sent is acknowledged', 'if (count > this.count) return -1;', ''],
    ],
  },
  {
    file: 'recovery.ts',
    tests: ['recovery.test.ts', 'endpoint.test.ts', 'tampering.test.ts'],
    mutations: [
      [
        'a gap is not asked for',
        '      this.#stats.gaps++;\n      this.#wantsNak = true;',
        '      this.#stats.gaps++;',
      ],
      ['what came before is taken again', 'if (ahead < 0) {', 'if (ahead < -1) {'],
      [
        'a link never gives up',
        'if (this.#failures === this.#tuning.recoveriesMax) return false;',
        '',
      ],
      ['silence is waited for ever shorter', '* 2 ** this.#failures;', '* 2 ** -this.#failures;'],
      ['frames of a tag are counted from the wrong one', '    this.#accepted++;\n', ''],
    ],
  },
  {
    file: 'endpoint.ts',
    tests: ['endpoint.test.ts', 'tampering.test.ts'],
    mutations: [
      [
        'the last acknowledgement is never sent',
        'const owesAck = isDone ? this.#recovery.owesAny : this.#recovery.owesAck(now);',
        'const owesAck = this.#recovery.owesAck(now);',
        'the last acknowledgement then waits 5 ms, or the closing socket says the same',
      ],
      [
        'a link that said goodbye takes messages',
        ' || this.#state.hasSaidBye) return false;',
        ') return false;',
      ],
    ],
  },
  {
    file: 'introduction.ts',
    tests: ['endpoint.test.ts', 'tampering.test.ts'],
    mutations: [
      [
        'a stranger may say as much as it likes',
        'if (this.#bytes >= this.#bytesMax) {',
        'if (false) {',
      ],
    ],
  },
  {
    file: 'arrivals.ts',
    tests: ['endpoint.test.ts', 'tampering.test.ts'],
    mutations: [
      [
        'anybody may end an open link with a word',
        'if (kind === FRAME.error && state.isProved && introduction.isAuthenticated) {',
        'if (false) {',
      ],
      [
        'row indices may be longer than their message',
        'if (header.hasIndices && header.rowCount * 4 > payload.byteLength) {',
        'if (false) {',
      ],
    ],
  },
  {
    file: 'frame-tags.ts',
    tests: ['frame-tags.test.ts', 'tampering.test.ts'],
    mutations: [
      [
        'any tag is right',
        "if (!timingSafeEqual(cipher.getAuthTag(), tag)) return 'forged';",
        'cipher.getAuthTag();',
      ],
      ['a tag covers the header only', 'this.#cipher?.setAAD(piece);', 'void piece;'],
      ['a lone frame is taken again', "if (this.#index < this.#alone) return 'old';", ''],
    ],
  },
  {
    file: 'handshake.ts',
    tests: ['frame-tags.test.ts', 'endpoint.test.ts'],
    mutations: [
      [
        'both directions have one key',
        '`wafer frames ${sender}`',
        '`wafer frames ${sender.slice(0, 0)}`',
      ],
      [
        'keys are those of the link before',
        'const salt = Buffer.concat([hellos.connect, hellos.listen]);',
        'const salt = Buffer.alloc(0);',
      ],
      ['a proof can be sent back to its maker', '.update(`wafer ${role} `)', '.update(`wafer `)'],
      [
        'any proof is right',
        'return actual.length === expected.length && timingSafeEqual(actual, expected);',
        'return actual.length === expected.length;',
      ],
    ],
  },
  {
    file: 'frame-decoder.ts',
    tests: ['frame-decoder.test.ts'],
    mutations: [
      [
        'a long payload is taken on trust',
        'if (bytesMax !== undefined && payloadBytes > bytesMax) {',
        'if (false) {',
      ],
      [
        'the check of a payload is not read',
        'return (a | (b << 8) | (c << 16) | (d << 24)) === (this.#check | 0);',
        'return true;',
      ],
      ['a search for the next frame goes one too far', '    let at = 1;\n', '    let at = 2;\n'],
    ],
  },
  {
    file: 'socket-batches.ts',
    tests: ['socket-link.test.ts', 'hostile-peers.test.ts'],
    mutations: [
      [
        'a batch that waits in the socket is written again',
        'if (this.#socket.writableLength > 0) this.#batch = Buffer.allocUnsafeSlow(BATCH_BYTES);',
        '',
      ],
    ],
  },
  {
    file: 'socket-link.ts',
    tests: ['socket-link.test.ts', 'hostile-peers.test.ts'],
    mutations: [
      [
        'keep-alive is off',
        'socket.setKeepAlive(true, KEEP_ALIVE_MS);',
        'socket.setKeepAlive(false);',
      ],
      ['small messages wait for others', 'socket.setNoDelay(true);', 'socket.setNoDelay(false);'],
      [
        'a refused stranger is read on',
        'if (this.#refusedBytes > REFUSED_BYTES_MAX) this.#socket.destroy();',
        '',
      ],
    ],
  },
  {
    file: 'listener.ts',
    tests: ['socket-link.test.ts', 'hostile-peers.test.ts'],
    mutations: [
      [
        'strangers are as many as come',
        'if (strangers.size > STRANGERS_MAX) {',
        'if (strangers.size < 0) {',
      ],
      [
        'a proved end stays a stranger',
        'onSocket(socket, () => strangers.delete(socket));',
        'onSocket(socket, () => socket);',
      ],
      ['others can enter the folder', 'chmodSync(folder, 0o700);', 'chmodSync(folder, 0o755);'],
    ],
  },
  {
    file: 'refusals.ts',
    tests: ['hostile-peers.test.ts'],
    mutations: [
      ['every stranger is a line', 'if (this.#told < TOLD_SINGLY_MAX) {', 'if (this.#told >= 0) {'],
      [
        'those not told are forgotten',
        'if (this.#last !== undefined) this.#tell(this.#last, this.#untold);',
        '',
      ],
    ],
  },
  {
    file: 'host-end.ts',
    tests: ['host-end.test.ts'],
    mutations: [
      [
        'a step reaches the first tile of a chip only',
        'for (const { plan, bytes } of others) bytes.set(record, plan.records[slot]!);',
        '',
      ],
      [
        'a step is finished with its first tile',
        'behind = Math.max(behind, (this.#published - consumed) | 0);',
        'behind = (this.#published - consumed) | 0;',
      ],
      [
        'a record may be longer than its slot',
        'if (end > recordBytes) {',
        'if (end > recordBytes + 64) {',
      ],
    ],
  },
  {
    file: 'submission-queue.ts',
    tests: ['handoffs.test.ts'],
    mutations: [
      [
        'a submission is counted before it is written',
        `    this.#words[SUBMISSION_HEADER + (this.#count & this.#mask)] = channel;
    this.#count = (this.#count + 1) | 0;
    Atomics.store(this.#words, 0, this.#count);`,
        `    Atomics.store(this.#words, 0, (this.#count + 1) | 0);
    this.#words[SUBMISSION_HEADER + (this.#count & this.#mask)] = channel;
    this.#count = (this.#count + 1) | 0;`,
      ],
    ],
  },
  {
    file: 'outbox.ts',
    tests: ['handoffs.test.ts'],
    mutations: [
      [
        'an outbox is counted before its header',
        `    this.#words[WORD.rowCount] = count;
    this.#words[WORD.hasIndices] = indices === undefined ? 0 : 1;
    Atomics.store(this.#words, WORD.sent, this.#sent);`,
        `    Atomics.store(this.#words, WORD.sent, this.#sent);
    this.#words[WORD.rowCount] = count;
    this.#words[WORD.hasIndices] = indices === undefined ? 0 : 1;`,
      ],
    ],
  },
];
