/** Defects in the server's gate, buckets, ledger, store and streams. */
import type { MutatedFile } from './mutation.ts';

export const SERVER_MUTATIONS: readonly MutatedFile[] = [
  {
    file: 'models/gate.ts',
    tests: ['gate.test.ts'],
    mutations: [
      [
        'as many tokens as there may be are too many',
        'tokens > promptTokensMax * TIER_SHARES[tier]',
        'tokens >= promptTokensMax * TIER_SHARES[tier]',
      ],
      [
        'all tiers have the same tokens',
        'tokens > promptTokensMax * TIER_SHARES[tier]',
        'tokens > promptTokensMax',
      ],
      [
        'prompt tokens of who left stay',
        'promptTokens: -promptTokens, answers: -answerCount',
        'promptTokens: 0, answers: -answerCount',
      ],
      [
        'answers of who left stay',
        'promptTokens: -promptTokens, answers: -answerCount',
        'promptTokens: -promptTokens, answers: 0',
      ],
      [
        'prompts that are not read make nobody wait',
        'Math.max(slotMs, this.#prompts.waitMs(tier, performance.now()))',
        'slotMs',
      ],
      [
        'answers of all tiers are waited for',
        'Math.min(ahead, this.#waiting.upTo(tier) + 1)',
        'ahead',
      ],
      ['a request is one answer', 'answers: answerCount });', 'answers: 1 });'],
      [
        'a reservation lets one more in',
        'if (own < (reserved?.get(tenant) ?? 0)) return;',
        'if (own <= (reserved?.get(tenant) ?? 0)) return;',
      ],
    ],
  },
  {
    file: 'usage/limits.ts',
    tests: ['limits.test.ts'],
    mutations: [
      [
        'what comes back overfills a bucket',
        'bucket.level = Math.min(bucket.limit, bucket.level + estimate[unit] - used[unit]);',
        'bucket.level = bucket.level + estimate[unit] - used[unit];',
        'every look fills a bucket up to its limit at most, before anything is taken',
      ],
      ['all that is left is too much', 'if (wanted > bucket.level)', 'if (wanted >= bucket.level)'],
      [
        'a clock that is set back takes from buckets',
        'Math.max(0, nowMs - bucket.atMs)',
        '(nowMs - bucket.atMs)',
      ],
      [
        'a key and a project of one name share a bucket',
        '`${subject.kind}/${subject.id}/${kind.name}`',
        '`${subject.id}/${kind.name}`',
      ],
      [
        'all projects share a bucket',
        '`${subject.kind}/${subject.id}/${kind.name}`',
        '`${subject.kind}/${kind.name}`',
      ],
      [
        'the loosest of several limits is told',
        'before.remaining <= remaining',
        'before.remaining > remaining',
      ],
      ['what was used before a start is forgotten', 'nowMs - kind.periodMs)', 'nowMs)'],
    ],
  },
  {
    file: 'usage/ledger.ts',
    tests: ['ledger.test.ts'],
    mutations: [
      [
        'what is gathered is lost at the end',
        '    clearInterval(this.#timer);\n    this.#tryFlush();',
        '    clearInterval(this.#timer);',
      ],
      ['batches count as live', 'kind, isBatch ? 1 : 0],', 'kind, 0],'],
      ['written rows are written again', '    this.#waiting.clear();\n', ''],
    ],
  },
  {
    file: 'store/sealer.ts',
    tests: ['store/store.test.ts'],
    mutations: [
      [
        'all rows have one nonce',
        'const nonce = randomBytes(NONCE_BYTES);',
        'const nonce = Buffer.alloc(NONCE_BYTES);',
      ],
    ],
  },
  {
    file: 'store/blobs.ts',
    tests: ['store/store.test.ts'],
    mutations: [
      [
        'bytes of owners whose name begins alike are deleted',
        "substr(owner, 1, length(?) + 1) = ? || '/')",
        'substr(owner, 1, length(?)) = ?)',
      ],
      [
        'parts of an owner stay',
        "substr(owner, 1, length(?) + 1) = ? || '/')",
        "substr(owner, 1, length(?)) = ? || '/')",
      ],
    ],
  },
  {
    file: 'store/batch-lines.ts',
    tests: ['store/store.test.ts'],
    mutations: [
      [
        'lines of later batches are done, too',
        "'SELECT line FROM lines WHERE tenant = ? AND batch = ?'",
        "'SELECT line FROM lines WHERE tenant = ? AND batch >= ?'",
      ],
      [
        'lines of later batches are deleted, too',
        "'DELETE FROM lines WHERE tenant = ? AND batch = ?'",
        "'DELETE FROM lines WHERE tenant = ? AND batch >= ?'",
      ],
    ],
  },
  {
    file: 'tenants/audit-log.ts',
    tests: ['admin.test.ts'],
    mutations: [
      ['times can be changed', '\\n${number}\\n${at}\\n${what}', '\\n${number}\\n${what}'],
      ['an entry stands for itself', '`${before}\\n${number}', '`${number}'],
      [
        'the first page is all that is looked at',
        'if (entries.length < PAGE) return undefined;',
        'return undefined;',
      ],
    ],
  },
  {
    file: 'http/event-stream.ts',
    tests: ['event-stream.test.ts'],
    mutations: [
      [
        'the source of a client that was cut goes on',
        '    await rest.return?.();\n    response.destroy();',
        '    response.destroy();',
      ],
      ['a listener stays for each drain', "      response.off('close', onClose);\n", ''],
      [
        'what waits for a client has no bound',
        'if (response.writableLength > limits.bufferedBytesMax) return false;',
        '',
      ],
    ],
  },
  {
    file: 'requests/merge-streams.ts',
    tests: ['event-stream.test.ts'],
    mutations: [
      [
        'streams go on when one fails or their caller leaves',
        '    await Promise.allSettled(streams.map(async (stream) => stream.return()));\n',
        '',
      ],
    ],
  },
  {
    file: 'requests/merge-streams.ts',
    tests: ['merge-streams.test.ts'],
    mutations: [['what came last is told first', 'arrivals.shift()', 'arrivals.pop()']],
  },
  {
    file: 'fine-tuning/tuned-models.ts',
    tests: ['fine-tuning/tuned-models.test.ts'],
    mutations: [
      [
        'a job that begins alike is erased, too',
        'const own = [...this.#paths].filter(([, path]) => path.startsWith(`${folder}/`));',
        'const own = [...this.#paths].filter(([, path]) => path.startsWith(folder));',
      ],
      [
        'a model whose folder is gone is served',
        '    for (const [id] of [...this.#paths].filter(isOld)) await this.#remove(id);\n',
        '    void isOld;\n',
      ],
      [
        'files of a deleted model stay',
        '    if (path !== undefined) await rm(path, { recursive: true, force: true });\n',
        '',
      ],
      [
        'checkpoints of a job that is over stay',
        "['base', 'base.partial', 'checkpoints']",
        "['base', 'base.partial']",
      ],
      [
        'what comes of a guest is a guest of the base',
        '    if (record.body.model !== record.base) return undefined;\n',
        '',
      ],
    ],
  },
  {
    file: 'models/lodging.ts',
    tests: ['models/lodging.test.ts'],
    mutations: [['no guest is told of the end of its host', '    guests.add(onLost);\n', '']],
  },
  {
    file: 'models/uses.ts',
    tests: ['models/uses.test.ts'],
    mutations: [
      [
        'a model is free while it is used',
        'if (this.#count === 0) for (const onFree',
        'for (const onFree',
      ],
      ['a model that is used becomes idle', '    if (this.#count > 0) return;\n', ''],
      [
        'a use does not stop the time to idle',
        '    this.#count++;\n    this.stop();',
        '    this.#count++;',
      ],
      ['a use ends as often as it is told to', '        isOpen = false;\n', ''],
    ],
  },
  {
    file: 'models/restarts.ts',
    tests: ['models/uses.test.ts'],
    mutations: [
      [
        'failures of long ago count',
        'this.#failedAtMs.filter((atMs) => nowMs - atMs < withinMs).length',
        'this.#failedAtMs.length',
      ],
      [
        'one start less than the budget',
        'if (recentCount > countMax)',
        'if (recentCount >= countMax)',
      ],
    ],
  },
];
