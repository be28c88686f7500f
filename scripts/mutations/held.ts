/** Defects of releases, rooms, ends and empty answers that the fast tests had let pass. */
import type { MutatedFile } from './mutation.ts';

export const HELD_MUTATIONS: readonly MutatedFile[] = [
  {
    file: 'transports/outbox.ts',
    tests: ['transports/outbox.test.ts'],
    mutations: [
      ['an outbox has no room for indices', '(hasRowIndices(kind) ? align(rowsMax * 4) : 0)', '0'],
      ['an outbox has room for one index', 'align(rowsMax * 4) : 0', 'align(4) : 0'],
      [
        'an outbox without indices has room for them',
        '(hasRowIndices(kind) ? align(rowsMax * 4) : 0)',
        'align(rowsMax * 4)',
      ],
    ],
  },
  {
    file: 'links/socket-link.ts',
    tests: ['links/link-timers.test.ts'],
    mutations: [
      [
        'the timer of a socket that lingers stays',
        '    this.#finish();\n    this.#cancelTimer?.();\n',
        '    this.#finish();\n',
      ],
      [
        'the timer of a frame in doubt stays',
        '    if (this.#timerAtMs === -Infinity) return;\n    this.#cancelTimer?.();\n',
        '    if (this.#timerAtMs === -Infinity) return;\n',
      ],
    ],
  },
  {
    file: 'engine/sampler.ts',
    tests: ['engine/sampler.test.ts'],
    mutations: [
      ['no likeliest tokens are no logprobs', 'if (logprobs === undefined) {', 'if (!logprobs) {'],
    ],
  },
  {
    file: 'engine/answer.ts',
    tests: ['contract/requests.test.ts'],
    mutations: [
      [
        'no likeliest tokens are no logprobs of an answer',
        'if (request.sampling.logprobs !== undefined)',
        'if (request.sampling.logprobs)',
      ],
      [
        'no likeliest tokens are no logprobs of a prompt',
        'if (topCount !== undefined && parts.index === 0)',
        'if (topCount && parts.index === 0)',
      ],
    ],
  },
  {
    file: 'openai/chat-generation.ts',
    tests: ['src/server.test.ts'],
    mutations: [
      [
        'no likeliest tokens are no logprobs of a chat',
        'logprobs === true ? (topLogprobs ?? 0) : undefined',
        'logprobs === true ? topLogprobs || undefined : undefined',
      ],
    ],
  },
  {
    file: 'run/grammar-reader.ts',
    tests: ['run/grammar-reader.test.ts'],
    mutations: [
      [
        'an end that is text may come too early',
        '      else own[end >>> 5]! &= ~(1 << (end & 31));\n',
        '',
      ],
      [
        'an answer that may end is over',
        'return this.isComplete && !this.#tables.automaton.goesOn(this.#at);',
        'return this.isComplete;',
      ],
      [
        'tables of a grammar grow without a bound',
        '    if (this.#automaton.count <= this.#configurationsMax) return;\n',
        '    if (this.#automaton.count >= 0) return;\n',
      ],
      [
        'a reader stands where it stood in tables before',
        '    this.#tables.renewIfFull();\n    this.#follow();',
        '    this.#follow();\n    this.#tables.renewIfFull();',
      ],
    ],
  },
  {
    file: 'run/mask-maker.ts',
    tests: ['run/grammar-reader.test.ts'],
    mutations: [
      [
        'masks of a grammar grow without a bound',
        'if (masks.size <= this.#masksMax) return;',
        'if (masks.size > 0) return;',
      ],
    ],
  },
  {
    file: 'stages/grammar-masks.ts',
    tests: ['stages/grammar-masks.test.ts'],
    mutations: [
      [
        'grammars of all requests stay',
        'if (this.#tables.size > TABLES_MAX)',
        'if (this.#tables.size > Infinity)',
      ],
      [
        'the grammar that came last goes',
        'const [oldest] = this.#tables.keys();',
        'const oldest = key;',
      ],
      ['the grammar that came first goes', '    this.#tables.delete(key);\n', ''],
    ],
  },
  {
    file: 'engine/requests.ts',
    tests: ['contract/requests.test.ts'],
    mutations: [
      [
        "credits of one answer are all answers'",
        'const isIt = !(consumer instanceof AnswerConsumer) || consumer.index === index;',
        'const isIt = true;',
      ],
      [
        'answers of what was refused follow',
        '    active.following = undefined;\n    for',
        '    for',
        'what follows is asked of answers under way, and none is left of what was refused',
      ],
    ],
  },
  {
    file: 'runtime/src/requests/answer-stream.ts',
    tests: ['contract/requests.test.ts'],
    mutations: [
      [
        'what is taken of any answer counts for the first',
        'index: event.index, ahead: request.credit',
        'index: 0, ahead: request.credit',
      ],
    ],
  },
  {
    file: 'draft/lookup-drafter.ts',
    tests: ['draft/speculation.test.ts'],
    mutations: [
      [
        'tokens of one hash are the same',
        'for (let i = 1; i <= GRAM_TOKENS; i++) if (text[end - i] !== tail[count - i]) return -1;',
        '',
      ],
      [
        'two of three tokens are compared',
        'for (let i = 1; i <= GRAM_TOKENS; i++)',
        'for (let i = 1; i < GRAM_TOKENS; i++)',
        'three that end in the same two have one hash only if the first is the same, too',
      ],
    ],
  },
  {
    file: 'responses/response-store.ts',
    tests: ['responses/response-store.test.ts'],
    mutations: [
      [
        'all that nobody asked to keep is kept',
        '  if (!isAsked) services.recent.trim(RECENT_MAX);\n',
        '',
      ],
      [
        'what was asked to be kept makes room for what was not',
        'services.recent.trim(RECENT_MAX);',
        'services.store.trim(RECENT_MAX);',
      ],
    ],
  },
  {
    file: 'responses/stored-responses.ts',
    tests: ['responses/responses.test.ts'],
    mutations: [
      [
        'a response that was deleted runs on',
        '    stopTurn(services, id);\n    deleteResponse',
        '    deleteResponse',
      ],
      [
        'a response that was canceled runs on',
        "    stopTurn(services, String(response['id']));\n",
        '',
      ],
    ],
  },
  {
    file: 'responses/create-response.ts',
    tests: ['responses/responses.test.ts'],
    mutations: [
      [
        'what could stop a response stays',
        '    } finally {\n      runningOf(services).delete(head.id);\n    }',
        '    }',
      ],
    ],
  },
  {
    file: 'responses/response-turn.ts',
    tests: ['responses/responses.test.ts'],
    mutations: [
      [
        'no response says when it was whole',
        "status === 'completed' ? services.nowSeconds() : null",
        'null',
      ],
    ],
  },
  {
    file: 'responses/response-events.ts',
    tests: ['responses/response-events.test.ts'],
    mutations: [
      ['an answer without anything has no item', "yield* this.#begin('message');", 'void 0;'],
      [
        'an empty message follows a call',
        'if (this.output.length === 0 && this.#open === undefined)',
        'if (this.#open === undefined)',
      ],
    ],
  },
  {
    file: 'openai/chat-stored.ts',
    tests: ['openai/chat-stored.test.ts'],
    mutations: [
      ['a chat that is kept stays for ever', '}, stored, expiresAt);', '}, stored);'],
      [
        'behind a message that is none all are listed',
        'const from = after !== undefined && found < 0 ? ordered.length : found + 1;',
        'const from = found + 1;',
      ],
    ],
  },
  {
    file: 'data/text-data.ts',
    tests: ['src/held-files.test.ts'],
    mutations: [
      [
        'the head of data stays open',
        '    } finally {\n      closeSync(file);\n    }',
        '    } finally {\n      void closeSync;\n    }',
      ],
    ],
  },
  {
    file: 'data/token-source.ts',
    tests: ['src/held-files.test.ts'],
    mutations: [
      ['a refused file of tokens stays open', '    closeSync(file);\n    const', '    const'],
      ['tokens stay open', 'close: () => closeSync(file)', 'close: () => undefined'],
    ],
  },
  {
    file: 'checkpoint/checkpoint.ts',
    tests: ['src/held-files.test.ts'],
    mutations: [
      [
        'what was synced stays open',
        '  } finally {\n    closeSync(file);\n  }',
        '  } finally {\n    void closeSync;\n  }',
      ],
    ],
  },
  {
    file: 'model/weights.ts',
    tests: ['src/held-files.test.ts'],
    mutations: [
      [
        'weights that were read stay open',
        '  } finally {\n    reader.close();\n  }',
        '  } finally {\n    void reader;\n  }',
      ],
      [
        'weights that were written stay open',
        '      closeSync(file);\n',
        '      void closeSync;\n',
      ],
    ],
  },
  {
    file: 'adapt/open-adapter.ts',
    tests: ['src/held-files.test.ts'],
    mutations: [
      ['an adapter that was read stays open', '    reader.close();\n', '    void reader;\n'],
    ],
  },
  {
    file: 'source/files.ts',
    tests: ['src/held-files.test.ts'],
    mutations: [
      [
        'the head of a model stays open',
        '  } finally {\n    closeFile(file);',
        '  } finally {\n    void closeFile;',
      ],
    ],
  },
  {
    file: 'write/write-model.ts',
    tests: ['src/held-files.test.ts'],
    mutations: [
      ['a model that was written from stays open', '    reader.close();\n', '    void reader;\n'],
    ],
  },
  {
    file: 'weights/adapting-reader.ts',
    tests: ['src/held-files.test.ts'],
    mutations: [['what an adapter changes stays open', '    this.#stored.close();\n', '']],
  },
  {
    file: 'weights/quantizing-reader.ts',
    tests: ['src/held-files.test.ts'],
    mutations: [['what is quantized stays open', '    this.#stored.close();\n', '']],
  },
  {
    file: 'write/output-file.ts',
    tests: ['src/held-files.test.ts'],
    mutations: [
      ['a file that was given up stays open', '      closeSync(this.#descriptor);\n', ''],
    ],
  },
  {
    file: 'src/trainer.ts',
    tests: ['src/held-files.test.ts'],
    mutations: [
      ['the data of a run stays open', '    this.job.data.close();\n', ''],
      ['the held-out data of a run stays open', '    this.job.valid?.close();\n', ''],
    ],
  },
];
