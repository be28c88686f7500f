/** Defects at the edges of sampling, and of answers on their way to whoever asked. */
import type { MutatedFile } from './mutation.ts';

export const ANSWER_MUTATIONS: readonly MutatedFile[] = [
  {
    file: 'engine/sampler.ts',
    tests: ['sampler.test.ts'],
    mutations: [
      [
        'a token as likely as the least share is not in a short list',
        'weights[keptCount]! >= minWeight) {',
        'weights[keptCount]! > minWeight) {',
      ],
      [
        'a token as likely as the least share is not in the row',
        'if (weights[id]! < minWeight) weights[id] = 0;',
        'if (weights[id]! <= minWeight) weights[id] = 0;',
      ],
      ['logits of the token before are reported', '    this.#raw.clear();\n', ''],
      ['one token is no least length', 'if (minTokens > 0) stages', 'if (minTokens > 1) stages'],
      [
        'a draw leaves out the last of a block',
        'const end = Math.min(start + VOCAB_BLOCK_IDS, weights.length);\n    const isHere',
        'const end = Math.min(start + VOCAB_BLOCK_IDS, weights.length) - 1;\n    const isHere',
      ],
      ['each block is drawn from as if none were before it', '    before += sum;\n', ''],
    ],
  },
  {
    file: 'stages/min-tokens.ts',
    tests: ['sampler.test.ts'],
    mutations: [
      [
        'stops wait for one token more',
        'if (tokenIndex >= this.#minTokens) return;',
        'if (tokenIndex > this.#minTokens) return;',
      ],
    ],
  },
  {
    file: 'stages/mask.ts',
    tests: ['sampler.test.ts'],
    mutations: [
      ['lists of allowed tokens add up', '    this.#mask.fill(0);\n', ''],
      ['a token is allowed for its lower half', '1 << (token & 31)', '1 << (token & 15)'],
      [
        'where nothing of a word is allowed, all is',
        'if (bits === 0) logits.fill(-Infinity, start, end);',
        'if (bits === 0) continue;',
      ],
    ],
  },
  {
    file: 'engine/answer.ts',
    tests: ['contract/requests.test.ts'],
    mutations: [
      [
        'each piece has the prompt once more',
        'if (this.#count === 1 && this.#prompt)',
        'if (this.#prompt)',
      ],
      [
        'each answer has the prompt once more',
        'topCount !== undefined && parts.index === 0',
        'topCount !== undefined',
      ],
      [
        'the first token came at the start of the clock',
        'if (this.#count === 0) this.#firstTokenAtMs = end.nowMs;',
        '',
      ],
    ],
  },
  {
    file: 'engine/requests.ts',
    tests: ['contract/requests.test.ts'],
    mutations: [
      [
        'a request is over with its first answer',
        'if (active.consumers.size > 0 || active.following !== undefined) return;',
        'if (active.consumers.size > 0) return;',
      ],
      [
        'who guesses is asked when its answer has ended',
        'if (consumer instanceof AnswerConsumer) this.#speculative.delete(consumer);',
        '',
      ],
      [
        'rows of a prompt count as written',
        'consumer instanceof AnswerConsumer && outputPositions[i]! >= sequence.promptCount - 1;',
        'consumer instanceof AnswerConsumer;',
      ],
      [
        'a deadline is told as a time of the clock',
        'Math.round(deadlineAtMs - arrivedAtMs)',
        'Math.round(deadlineAtMs)',
      ],
    ],
  },
  {
    file: 'request-streams.ts',
    tests: ['contract/requests.test.ts'],
    mutations: [
      [
        'what is granted grows with each piece',
        'taken[index] = isDue ? 0 : count;',
        'taken[index] = count;',
      ],
      [
        'one piece less is granted than was taken',
        "kind: 'grant', id: line.id, index, count });",
        "kind: 'grant', id: line.id, index, count: count - 1 });",
      ],
    ],
  },
];
