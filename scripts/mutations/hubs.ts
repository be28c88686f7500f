/** Defects of pulls, links' ends and threads that serve others: none was seen once. */
import type { MutatedFile } from './mutation.ts';

export const HUB_MUTATIONS: readonly MutatedFile[] = [
  {
    file: 'hub/hub-fetch.ts',
    tests: ['hub/hub-fetch.test.ts'],
    mutations: [
      ['the token goes to other origins', 'token !== undefined && isOwn', 'token !== undefined'],
      ['a token of the caller goes on', "    headers.delete('authorization');\n", ''],
      [
        'the watch of a request stays',
        '  close(): void {\n    clearInterval(this.#timer);\n  }',
        '  close(): void {}',
      ],
      [
        'a byte in a span is no silence',
        'if (this.#count < BYTES_MIN) {',
        'if (this.#count < 1) {',
      ],
      [
        'bytes of the span before count',
        '      this.#count = 0;\n    }, silenceMs);',
        '    }, silenceMs);',
      ],
      ['progress forgives nothing', 'if (hasProgress()) failures = 1;', 'hasProgress();'],
      ['one try more than asked for', 'failures > retries ||', 'failures > retries + 1 ||'],
      [
        'a hub that is not there is tried on',
        'failures > retries || isHopeless',
        'failures > retries',
      ],
      [
        'the wait that a hub asks for has no bound',
        'Math.min(ASKED_MS_MAX, Math.max(0, ms))',
        'Math.max(0, ms)',
      ],
      [
        'a wait goes on after an interrupt',
        'await sleep(waitMs, undefined, { signal })',
        'await sleep(waitMs, undefined)',
      ],
      [
        'a hub that is busy is not asked again',
        'status === 429 || status === 408',
        'status === 408',
      ],
      [
        'an answer has no bound',
        'if (byteCount > ANSWER_BYTES_MAX) {',
        'if (chunks.length > ANSWER_BYTES_MAX) {',
      ],
      [
        'what is interrupted is a failure of the hub',
        'if (signal.aborted) return signal.reason;',
        '',
      ],
    ],
  },
  {
    file: 'hub/fetch-file.ts',
    tests: ['hub/resume.test.ts'],
    mutations: [
      [
        'the watch of a download stays',
        '      watch.close();\n    }\n    throw new Passing',
        '      void watch;\n    }\n    throw new Passing',
      ],
      [
        'a part that is too long is gone on with',
        'if (start > byteCount) start = 0;',
        '',
        'its checksum is wrong, so that it is begun anew all the same',
      ],
    ],
  },
  {
    file: 'hub/pull.ts',
    tests: ['hub/pull.test.ts'],
    mutations: [
      [
        'a folder of two commits is complete',
        'if (others.length > 0) await hideRecord(folder);',
        '',
      ],
      [
        'files of another commit stay',
        'for (const path of stale) await removeFile(join(folder, path));',
        '',
      ],
      [
        'a record that cannot be written stays in part',
        '    await rm(partial, { force: true });\n    throw',
        '    throw',
      ],
      [
        'the record of a pull that was broken off stays',
        '    await rm(`${path}.partial`, { force: true });\n',
        '',
      ],
      [
        'no room is left for others',
        'neededBytes + MARGIN_BYTES > freeBytes',
        'neededBytes > freeBytes',
      ],
    ],
  },
  {
    file: 'links/listener.ts',
    tests: ['links/listener.test.ts'],
    mutations: [
      [
        'a stranger that left counts on',
        '        strangers.delete(socket);\n      });',
        '      });',
      ],
      [
        'the folder of a listener that failed stays',
        '      rmSync(folder, { recursive: true, force: true });\n      throw',
        '      throw',
      ],
      [
        'a stop leaves the socket file',
        'if (this.#folder !== undefined) rmSync(this.#folder, { recursive: true, force: true });',
        '',
      ],
      [
        'open connections outlive a close',
        '    for (const socket of this.#sockets) socket.destroy();',
        '',
      ],
    ],
  },
  {
    file: 'links/frame-tags.ts',
    tests: ['links/frame-tags.test.ts'],
    mutations: [
      ['frames of both kinds have one nonce', 'this.#words[0] = kind;', 'this.#words[0] = 0;'],
    ],
  },
  {
    file: 'links/handshake.ts',
    tests: ['links/greeting.test.ts', 'links/frame-tags.test.ts'],
    mutations: [
      [
        'a proof is of one hello',
        '.update(hellos.mine).update(hellos.theirs).digest()',
        '.update(hellos.mine).digest()',
      ],
      [
        'keys do not depend on who listens',
        'const salt = Buffer.concat([hellos.connect, hellos.listen]);',
        'const salt = Buffer.from(hellos.connect);',
      ],
    ],
  },
  {
    file: 'chip/slot-end.ts',
    tests: ['chip/slot-end.test.ts'],
    mutations: [['a piece may begin before its part', 'if (offset >= 0 && offset', 'if (offset']],
  },
  {
    file: 'grammar/grammar-thread.ts',
    tests: ['grammar/grammar-thread.test.ts'],
    mutations: [
      ['the time of a format stays', '      clearTimeout(timer);\n', ''],
      [
        'a listener stays for each format',
        "worker.off('message', onMessage).off('exit', onExit);",
        '',
      ],
      [
        'a format that no thread made stays refused',
        'if (!isLasting) this.#forget(key, kept);',
        'if (!isLasting) void 0;',
      ],
      [
        'formats are kept without a bound',
        'if (this.#keptBytes <= this.#limits.keptBytesMax) return;',
        'if (this.#keptBytes >= 0) return;',
      ],
      [
        'what was made first goes first, however used',
        '    this.#kept.delete(key);\n    this.#kept.set(key, kept);',
        '    if (!this.#kept.has(key)) this.#kept.set(key, kept);',
      ],
      ['bytes of what was let go count on', '    this.#keptBytes -= kept.bytes;\n', ''],
      [
        'a trie that no thread made stays so',
        '      this.#trie = undefined;\n      throw',
        '      throw',
      ],
      ['a thread of formats holds the process', '      worker.unref();\n', ''],
    ],
  },
  {
    file: 'chat/template-thread.ts',
    tests: ['chat/template-thread.test.ts'],
    mutations: [
      ['the time of a template stays', '      clearTimeout(timer);\n', ''],
      [
        'a listener stays for each chat',
        "worker.off('message', onMessage).off('exit', onExit);",
        '',
      ],
      [
        'a listener for errors stays for each chat',
        "      else worker.off('error', onError);\n",
        '',
      ],
      ['a thread of templates holds the process', '      worker.unref();\n', ''],
    ],
  },
];
