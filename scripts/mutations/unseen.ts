/** Defects that the fast tests let pass once: each was put in by eyes that had not read them. */
import type { MutatedFile } from './mutation.ts';

export const UNSEEN_MUTATIONS: readonly MutatedFile[] = [
  {
    file: 'links/arrivals.ts',
    tests: ['stress/endpoint.test.ts'],
    mutations: [
      ['frames before a proof are taken', "    if (state.phase === 'greeting') return;\n", ''],
      [
        'who found the window full is not told of room',
        'if (freed > 0 && (state.hasSaidBye || this.#parts.isRoomWanted()))',
        'if (freed > 0 && state.hasSaidBye)',
      ],
    ],
  },
  {
    file: 'links/recovery.ts',
    tests: ['links/recovery.test.ts'],
    mutations: [
      [
        'each frame puts off the time of an answer',
        'if (this.#window.count === 0) this.armResend(now);\n    frame',
        'this.armResend(now);\n    frame',
      ],
      [
        'an acknowledgement is put off by each frame',
        'this.#ackAtMs = Math.min(this.#ackAtMs, now + this.#tuning.ackMs);',
        'this.#ackAtMs = now + this.#tuning.ackMs;',
      ],
    ],
  },
  {
    file: 'links/endpoint.ts',
    tests: ['stress/endpoint.test.ts'],
    mutations: [
      [
        'credits that wait have no time',
        'Math.min(this.#recovery.deadlineMs, this.#channels.creditAtMs)',
        'this.#recovery.deadlineMs',
      ],
      [
        'credits come after the goodbye',
        '      this.flush();\n      this.#ending.sayBye();',
        '      this.#ending.sayBye();',
      ],
    ],
  },
  {
    file: 'links/frame-decoder.ts',
    tests: ['links/frame-decoder.test.ts'],
    mutations: [
      [
        'what was gathered stays for the next frame',
        '    this.#gathered = undefined;\n    this.#filled',
        '    this.#filled',
      ],
    ],
  },
  {
    file: 'links/socket-batches.ts',
    tests: ['links/socket-batches.test.ts'],
    mutations: [
      [
        'what the socket holds is not counted as room',
        'this.#queuedBytes + this.#socket.writableLength < QUEUE_BYTES',
        'this.#queuedBytes < QUEUE_BYTES',
      ],
    ],
  },
  {
    file: 'links/socket-link.ts',
    tests: ['links/socket-link.test.ts'],
    mutations: [
      [
        'a timer that is set is never set forward',
        'if (deadlineMs >= this.#timerAtMs) return;',
        'if (this.#timerAtMs < Infinity) return;',
      ],
    ],
  },
  {
    file: 'transports/submission-queue.ts',
    tests: ['transports/submission-queue.test.ts'],
    mutations: [
      ['channels share slots of a queue', 'Math.ceil(Math.log2(', 'Math.floor(Math.log2('],
    ],
  },
  {
    file: 'engine/admission.ts',
    tests: ['engine/admission.test.ts'],
    mutations: [
      [
        'the last slot that is reserved is given away',
        'return view.freeCount > keptCount(view);',
        'return view.freeCount >= keptCount(view);',
      ],
    ],
  },
  {
    file: 'engine/answer.ts',
    tests: ['e2e/api.test.ts', 'contract/requests.test.ts'],
    mutations: [
      [
        'the text of a token that ends an answer is said',
        "isStopToken ? '' : text.push(token)",
        'text.push(token)',
      ],
      [
        'waiting counts as prefill',
        'prefillMs: this.#firstTokenAtMs - admittedAtMs,',
        'prefillMs: this.#firstTokenAtMs - arrivedAtMs,',
      ],
    ],
  },
  {
    file: 'hub/fetch-file.ts',
    tests: ['hub/resume.test.ts'],
    mutations: [
      [
        'the rest of a file is taken for the whole',
        'if (this.#received > 0 && !isRange(response, this.#received)) await this.#restart(0);',
        '',
      ],
      [
        'a folder beside it that begins alike is inside',
        'real!.startsWith(top!.endsWith(sep) ? top! : top! + sep)',
        'real!.startsWith(top!)',
      ],
      ['a part that was wrong stays', '    await rm(partial, { force: true });\n    if', '    if'],
    ],
  },
  {
    file: 'plan/check.ts',
    tests: ['plan/check.test.ts'],
    mutations: [
      ['buffers may overlap', '    end = address + bytes;\n', '    end = address;\n'],
      [
        'a window may end beyond its buffer',
        '((rowsMax - 1) * rows.stride + columnCount) * 4',
        '(rowsMax - 1) * rows.stride * 4',
      ],
      ['tiles may wait for each other', 'assert(done === nodeCount,', 'assert(done <= nodeCount,'],
    ],
  },
  {
    file: 'usage/ledger.ts',
    tests: ['usage/ledger.test.ts'],
    mutations: [
      [
        'all keys of a project are one',
        'JSON.stringify([minute, organization, project, key, model, kind, isBatch])',
        'JSON.stringify([minute, organization, project, model, kind, isBatch])',
      ],
    ],
  },
  {
    file: 'usage/meter.ts',
    tests: ['usage/meter.test.ts'],
    mutations: [
      ['a request is settled twice', '    this.#charge = undefined;\n', ''],
      [
        'cached tokens are charged',
        'uncached_tokens: tokens - cachedTokens',
        'uncached_tokens: tokens',
      ],
    ],
  },
  {
    file: 'http/bodies.ts',
    tests: ['http/bodies.test.ts'],
    mutations: [
      ['what gzip holds has no bound', '{ maxOutputLength: bytesMax }', '{}'],
      [
        'a packed body is one deeper',
        'if (depth >= depthMax) throw',
        'if (depth > depthMax) throw',
      ],
    ],
  },
  {
    file: 'files/file-store.ts',
    tests: ['files/file-store.test.ts'],
    mutations: [
      ['bytes of a deleted file stay', '    store.blobs.delete({ tenant, owner: id });\n', ''],
    ],
  },
  {
    file: 'batches/batch-body.ts',
    tests: ['batches/batch-body.test.ts'],
    mutations: [
      [
        'a batch counts limits of its project twice',
        "subjects.filter(({ kind }) => kind === 'key')",
        'subjects',
      ],
    ],
  },
  {
    file: 'tenants/stored-keys.ts',
    tests: ['tenants/stored-keys.test.ts'],
    mutations: [
      [
        'a key that was changed for another stays good',
        'this.#write({ ...old, expires_at: Math.min(expiresAt ?? end, end) });',
        'this.#write(old);',
      ],
      [
        'a key is good for one second more',
        'expiresAt <= this.#nowSeconds()',
        'expiresAt < this.#nowSeconds()',
      ],
    ],
  },
  {
    file: 'responses/response-store.ts',
    tests: ['responses/response-store.test.ts'],
    mutations: [['a chain is read backwards', 'links.toReversed().flatMap', 'links.flatMap']],
  },
  {
    file: 'store/documents.ts',
    tests: ['store/store.test.ts'],
    mutations: [
      [
        'a document that is changed stays for ever',
        "'UPDATE documents SET body = ? WHERE",
        "'UPDATE documents SET body = ?, expires_at = NULL WHERE",
      ],
    ],
  },
  {
    file: 'data/pair-rows.ts',
    tests: ['data/pair-rows.test.ts'],
    mutations: [['the worse answer is the better', '+ (index % 2)', '+ (1 - (index % 2))']],
  },
  {
    file: 'cli/src/failures/exit-codes.ts',
    tests: ['cli/src/failures/exit-codes.test.ts'],
    mutations: [['who is interrupted has failed', 'interrupted: 130,', 'interrupted: 1,']],
  },
  {
    file: 'cli/src/flags/sampling-flags.ts',
    tests: ['cli/src/flags/sampling-flags.test.ts'],
    mutations: [
      [
        'what a model suggests goes before what is said',
        'flags.temperature ?? suggested?.temperature ?? 0',
        'suggested?.temperature ?? flags.temperature ?? 0',
      ],
    ],
  },
  {
    file: 'cli/src/wafer-options.ts',
    tests: ['cli/src/wafer-options.test.ts'],
    mutations: [['prefixes are reused whatever is said', 'reusePrefixes: flags.prefixReuse,', '']],
  },
];
