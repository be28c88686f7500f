/** Defects in engine, scheduler, KV cache, sampler and the embedding API. */
import type { MutatedFile } from './mutation.ts';

export const ENGINE_MUTATIONS: readonly MutatedFile[] = [
  {
    file: 'engine/requests.ts',
    tests: ['api-ends.test.ts', 'api.test.ts', 'requests.test.ts'],
    mutations: [
      [
        'an aborted request goes on in the scheduler',
        '      this.#spec.scheduler.abort(consumer.sequence.id);\n',
        '',
      ],
      [
        'a consumer that ended stays in the map',
        '    this.#consumers.delete(consumer.sequence.id);\n',
        '',
      ],
      [
        'a finished request stays active',
        `    this.#active.delete(active.id);
    this.figures.finished++;`,
        '    this.figures.finished++;',
      ],
    ],
  },
  {
    file: 'engine/answer.ts',
    tests: ['api-ends.test.ts', 'api.test.ts', 'requests.test.ts'],
    mutations: [
      [
        'an answer is one token too long',
        'this.#count === request.maxTokens',
        'this.#count > request.maxTokens',
      ],
      [
        'penalties see no token of the answer',
        'if (this.#finish === undefined) sampler.accept(token);',
        'if (this.#finish === undefined) sampler;',
      ],
      [
        'what is held back at the end is lost',
        'else piece += text.finish();',
        'else text.finish();',
      ],
    ],
  },
  {
    file: 'answer-stream.ts',
    tests: ['api-ends.test.ts', 'api.test.ts', 'requests.test.ts'],
    mutations: [
      [
        'leaving a loop sends no abort',
        "      if (this.#openCount > 0) line.command({ kind: 'abort', id: line.id });\n",
        '',
      ],
      [
        'the listener of an abort stays on a shared signal',
        "      signal?.removeEventListener('abort', this.#abort);\n",
        '',
      ],
      [
        'an aborted signal does not reach the engine',
        `    line.command({ kind: 'abort', id: line.id });
    line.inbox.fail(signal?.reason);`,
        '    line.inbox.fail(signal?.reason);',
        'the caller is told at once, and leaving the loop tells the engine as well',
      ],
    ],
  },
  {
    file: 'request-streams.ts',
    tests: ['api-ends.test.ts', 'api.test.ts', 'requests.test.ts'],
    mutations: [
      [
        'nothing is granted after the first pieces',
        'if (isDue) line.command(',
        'if (isDue) void (',
      ],
    ],
  },
  {
    file: 'answer-request.ts',
    tests: ['api-ends.test.ts', 'api.test.ts'],
    mutations: [['tokens that end a turn are unknown', ', ...model.special.ends])];', '])];']],
  },
  {
    file: 'kv-cache.ts',
    tests: ['kv-cache.test.ts'],
    mutations: [
      [
        'prefixes are compared in 15 of 16 tokens',
        `    if (this.#parentSerials[block] !== parentSerial) return false;
    for (let i = 0; i < KV_BLOCK_TOKENS; i++) {`,
        `    if (this.#parentSerials[block] !== parentSerial) return false;
    for (let i = 0; i < KV_BLOCK_TOKENS - 1; i++) {`,
      ],
      [
        'prefixes are compared without their beginning',
        'if (this.#parentSerials[block] !== parentSerial) return false;',
        '',
      ],
      [
        'a twin has another name',
        'this.#serials[block] = this.#serials[twin]!;',
        'this.#serials[block] = this.#nextSerial++;',
      ],
      [
        'evicted contents are still found',
        'if (this.#pool.isKnown(block)) this.#unindex(block);',
        '',
      ],
      [
        'the end of a sequence stays longest',
        'for (let i = blocks.length - 1; i >= 0; i--) this.#pool.giveUp(blocks[i]!);',
        'for (let i = 0; i < blocks.length; i++) this.#pool.giveUp(blocks[i]!);',
      ],
      ['a match holds nothing', 'for (const block of blocks) this.#pool.hold(block);', ''],
    ],
  },
  {
    file: 'block-pool.ts',
    tests: ['kv-cache.test.ts', 'scheduler.test.ts'],
    mutations: [
      [
        'the most recent block goes first',
        'const evicted = this.#newer[this.blockCount]!;',
        'const evicted = this.#older[this.blockCount]!;',
      ],
      [
        'a shared block is free with its first holder',
        'if (this.#holders[block]! > 0) return;',
        '',
      ],
      ['a block given up stays known', '    this.#isKnown[block] = 0;\n', ''],
    ],
  },
  {
    file: 'kv-holdings.ts',
    tests: ['scheduler.test.ts', 'kv-cache.test.ts'],
    mutations: [
      [
        'a block is known before it is full',
        'while ((sequence.publishedCount + 1) * KV_BLOCK_TOKENS <= computedCount) {',
        'while (sequence.publishedCount * KV_BLOCK_TOKENS < computedCount) {',
      ],
      ['windows are kept for ever', 'if (block !== undefined) this.#windows.release(block);', ''],
    ],
  },
  {
    file: 'window-cache.ts',
    tests: ['window-cache.test.ts', 'scheduler.test.ts'],
    mutations: [
      [
        'a prefix is used whose window is gone',
        'if (neededCount <= knownCount) usableCount = count;',
        'usableCount = count;',
      ],
      ['a block whose room was needed is still found', '    this.#blocks.delete(serial);\n', ''],
    ],
  },
  {
    file: 'scheduler.ts',
    tests: ['scheduler.test.ts'],
    mutations: [
      [
        'an ended sequence keeps its blocks',
        "    this.#holdings.release(sequence);\n    sequence.state = 'done';",
        "    sequence.state = 'done';",
      ],
      [
        'a sequence that cannot fit waits for ever',
        'if (positionsMax > kvTokens) {',
        'if (positionsMax > kvTokens * 2) {',
      ],
      [
        'an aborted sequence of a step goes on',
        "if (sequence.state === 'done') continue; // aborted meanwhile",
        '',
      ],
    ],
  },
  {
    file: 'step-room.ts',
    tests: ['scheduler.test.ts'],
    mutations: [
      [
        'a prompt runs in one piece',
        'const rowCount = Math.min(this.#prefillChunk, rowsLeft);',
        'const rowCount = rowsLeft;',
      ],
      [
        'a preempted sequence keeps its blocks',
        '    this.#running.remove(sequence);\n    this.#holdings.release(sequence);',
        '    this.#running.remove(sequence);',
      ],
      [
        'what was preempted starts where it was',
        '    sequence.computedCount = 0;\n',
        '',
        'what runs again is set to what the cache knows, whatever it was',
      ],
    ],
  },
  {
    file: 'sampler.ts',
    tests: ['sampler.test.ts'],
    mutations: [
      [
        'top-p stops one token early',
        'if (keptCount > 0 && kept >= nucleus) break;',
        'if (keptCount > 0 && kept + weights[keptCount]! >= nucleus) break;',
      ],
      [
        'min-p keeps what is just below',
        'while (keptCount < count && weights[keptCount]! >= minWeight) {',
        'while (keptCount < count && weights[keptCount]! >= minWeight * 0.5) {',
      ],
      [
        'a draw begins with the second token',
        'if (sum > target) return ids[i]!;',
        'if (sum >= target) return ids[Math.min(i + 1, keptCount - 1)]!;',
      ],
      [
        'log-probabilities are of penalized logits',
        '(this.#raw.get(token) ?? logits[token]!) - logTotal;',
        'logits[token]! - logTotal;',
      ],
      [
        'temperature multiplies',
        'scale: Math.fround(1 / temperature) };',
        'scale: Math.fround(temperature) };',
      ],
      [
        'every token of an answer has one random number',
        'const share = uniform(seed, tokenIndex);',
        'const share = uniform(seed, 0);',
      ],
    ],
  },
  {
    file: 'penalties.ts',
    tests: ['penalties.test.ts', 'sampler.test.ts'],
    mutations: [
      [
        'a repeated token that is unlikely becomes likelier',
        'logit > 0 ? logit / repetitionPenalty : logit * repetitionPenalty;',
        'logit / repetitionPenalty;',
      ],
      ['presence counts', '- presencePenalty;', '- presencePenalty * count;'],
      ['tokens of the prompt count as said', 'if (count === 0) continue;', ''],
    ],
  },
  {
    file: 'engine/random.ts',
    tests: ['random.test.ts'],
    mutations: [['a round is left out', 'const ROUNDS = 10;', 'const ROUNDS = 9;']],
  },
  {
    file: 'engine/cut.ts',
    tests: ['cut.test.ts'],
    mutations: [
      ['of equal tokens one more is kept', 'if (sum >= target) break;', 'if (sum > target) break;'],
    ],
  },
  {
    file: 'text-stream.ts',
    tests: ['text-stream.test.ts'],
    mutations: [
      [
        'a beginning of a stop string is let go',
        'return this.#take(this.#heldLength - openLength);',
        'return this.#take(this.#heldLength);',
      ],
      [
        'a failed match starts over from nothing',
        'while (length > 0 && pattern.charCodeAt(length) !== unit) length = borders[length - 1]!;',
        'if (pattern.charCodeAt(length) !== unit) length = 0;',
      ],
      ['a character in two tokens is torn', ', { stream: true });', ');'],
      [
        'ASCII does not end a character that is begun',
        'this.#isInCharacter ? undefined : asciiText(bytes)',
        'asciiText(bytes)',
      ],
    ],
  },
  {
    file: 'step-writer.ts',
    tests: ['contract/bits.test.ts', 'api.test.ts', 'step-writer.test.ts'],
    mutations: [
      [
        'a step is published before its record',
        `      copy(records[slot]!, this.#address, bytes);
      Atomics.store(words, TILE_HEADER.published / 4, this.#stepCount | 0);`,
        `      Atomics.store(words, TILE_HEADER.published / 4, this.#stepCount | 0);
      copy(records[slot]!, this.#address, bytes);`,
      ],
      ['a record is written over one in use', '>= RECORD_SLOTS)', '> RECORD_SLOTS)'],
    ],
  },
];
