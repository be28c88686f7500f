/** Defects of other interfaces, tiers, WebSockets and batches: none was seen once. */
import type { MutatedFile } from './mutation.ts';

export const DIALECT_MUTATIONS: readonly MutatedFile[] = [
  {
    file: 'anthropic/message-writer.ts',
    tests: ['anthropic/message-writer.test.ts'],
    mutations: [
      [
        'thinking has no signature',
        "open.type === 'thinking' ? this.#head.seal(open.text) : ''",
        "''",
      ],
      ['hidden thinking is shown', 'else if (!this.#head.hidesThinking) {', 'else {'],
      [
        'a block stays open before a call',
        'ToolCall): Events {\n    yield* this.#close();\n',
        'ToolCall): Events {\n',
      ],
      [
        'cached tokens count twice',
        'input_tokens: promptTokens - total.cachedTokens',
        'input_tokens: promptTokens',
      ],
      [
        'a stop text is not told',
        "'text' in cause ? cause.text : null",
        "'text' in cause ? null : null",
      ],
      [
        'a full context is a limit',
        "context: 'model_context_window_exceeded',",
        "context: 'max_tokens',",
      ],
      [
        'an answer under way has no tokens',
        'total.completionTokens || this.#fold.tokenCount',
        'total.completionTokens',
      ],
    ],
  },
  {
    file: 'anthropic/message-request.ts',
    tests: ['anthropic/message-request.test.ts'],
    mutations: [
      ['a tool that failed has succeeded', 'isError === true ? `Error: ${text}` : text', 'text'],
      [
        'sealed thinking is lost',
        'reasoning += thinking || (signature && open(signature, at));',
        'reasoning += thinking;',
      ],
      [
        'the greatest effort is unknown',
        "return effort === 'max' ? 'xhigh' : effort;",
        'return effort;',
      ],
      ['thinking that is off is on', "if (thinking?.type === 'disabled') return 'none';", ''],
    ],
  },
  {
    file: 'anthropic/messages.ts',
    tests: ['src/dialects.test.ts'],
    mutations: [['an overload is a fault', "  503: 'overloaded_error',\n", '']],
  },
  {
    file: 'ollama/ollama-request.ts',
    tests: ['ollama/ollama-request.test.ts'],
    mutations: [
      ['an empty suffix fills in', "suffix !== undefined && suffix !== ''", 'suffix !== undefined'],
      ['a penalty looks back at nothing', 'last === 0 ? null : ', ''],
      ['minutes are hours', 'm: 60_000, h', 'm: 3_600_000, h'],
      ['a time below none is none', 'if (isNegative) return Infinity;', ''],
      [
        'any tenant keeps a model for ever',
        'keepMs === 0 || keepMs > entry.idleMs',
        'keepMs === 0',
      ],
    ],
  },
  {
    file: 'ollama/ollama-answers.ts',
    tests: ['src/dialects.test.ts'],
    mutations: [['times are in microseconds', 'Math.round(ms * 1e6)', 'Math.round(ms * 1e3)']],
  },
  {
    file: 'openai/service-tier.ts',
    tests: ['openai/service-tier.test.ts'],
    mutations: [
      ['a batch is of the tier it asks for', "priority === undefined ? wanted : 'flex'", 'wanted'],
      ['flex goes before', 'flex: -10 }', 'flex: 10 }'],
      [
        'a threshold out of range is none',
        'return isFine ? waitMs : NaN;',
        'return isFine ? waitMs : undefined;',
      ],
    ],
  },
  {
    file: 'responses/response-socket.ts',
    tests: ['responses/response-socket.test.ts', 'responses/responses.test.ts'],
    mutations: [
      [
        'a client that left is answered on',
        "  ws.on('close', () => gone.abort(new Error('the client went away')));\n",
        '',
      ],
      ['a connection keeps all responses', 'kept.size > KEPT_MAX &&', 'kept.size < 0 &&'],
      ['a drain waits for turns that have ended', '      options.onTurn(-1);\n', ''],
      ['a drain waits for no turn', '    options.onTurn(1);\n', ''],
      ['several turns at a time', '    if (isBusy) {', '    if (isBusy && kept.size < 0) {'],
      [
        'pages of others may ask',
        'hosts !== undefined && headers.origin !== undefined && !isOwn',
        'hosts !== undefined && headers.origin === undefined && !isOwn',
      ],
      ['turns are admitted once a connection', '    options.admit(caller, {});\n', ''],
      ['who is refused keeps the connection', ', () => socket.destroy());\n}', ');\n}'],
      ['sockets outlive their server', '    for (const ws of sockets.clients) ws.terminate();', ''],
    ],
  },
  {
    file: 'batches/batch-runner.ts',
    tests: ['batches/batches.test.ts'],
    mutations: [
      ['a batch that ended is never begun again', '.finally(() => this.#runs.delete(id))', ''],
      [
        'a batch that is to be canceled is asked',
        "if (begun.status !== 'cancelling') await",
        'await',
      ],
      [
        'a batch has all the time there is',
        'AbortSignal.any([stopped, AbortSignal.timeout(Math.min(left, 2 ** 31 - 1))])',
        'AbortSignal.any([stopped])',
      ],
      [
        'a line may be a stream',
        "if (body['stream'] === true || body['background'] === true)",
        "if (body['background'] === true)",
      ],
    ],
  },
];
