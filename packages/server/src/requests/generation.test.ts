import type { FinishReason, Piece, Usage } from '@wafer/runtime';
import { openModel, Wafer } from '@wafer/runtime';
import { withChatTemplate } from '@wafer/text';
import { expect, onTestFinished, test } from 'vitest';
import { Gate, GATE_LIMITS_DEFAULT } from '../models/gate.ts';
import { AnswerFolds, foldAll, runGeneration, ThoughtCounter, totalUsage } from './generation.ts';
import type { AnswerPart, Generation, GenerationInput } from './generation.ts';
import { formatReasoning } from './reasoning-format.ts';
import type { ReasoningFormat } from './reasoning-format.ts';

const PIECE: Piece = {
  ...{ index: 0, token: 1, text: '', logprob: undefined, top: undefined },
  ...{ promptLogprobs: undefined, virtualNs: undefined, finish: undefined, stop: undefined },
  usage: undefined,
};

const part = (change: Partial<AnswerPart>): AnswerPart => ({
  ...{ index: 0, content: '', reasoning: '', toolCalls: [], promptTokens: 5, thoughtTokens: 0 },
  piece: PIECE,
  ...{ token: undefined, finish: undefined, usage: undefined },
  ...change,
});

const usage = (change: Partial<Usage>): Usage => ({
  ...{ promptTokens: 10, cachedTokens: 8, generatedTokens: 3, draftedTokens: 4 },
  ...{ acceptedTokens: 1, queueMs: 1, prefillMs: 2, decodeMs: 3 },
  ...change,
});

function foldsOf(...parts: readonly AnswerPart[]): AnswerFolds {
  const folds = new AnswerFolds(2);
  for (const one of parts) folds.add(one);
  return folds;
}

test.each<[finish: FinishReason, calls: number, told: string]>([
  ['stop', 0, 'stop'],
  ['length', 0, 'length'],
  ['context', 0, 'length'],
  ['deadline', 0, 'length'],
  ['stop', 1, 'tool_calls'],
  ['length', 1, 'tool_calls'],
])('an answer that ends by %s after %i calls has ended by %s', (finish, count, told) => {
  const toolCalls = Array.from({ length: count }, () => ({ name: 'f', arguments: {} }));
  expect(foldsOf(part({ toolCalls }), part({ finish })).all[0]!.apiFinish).toBe(told);
});

test('answers of a prompt read it once; what each made is summed, the longest waits count', () => {
  const slow = { queueMs: 9, prefillMs: 8, decodeMs: 1, cachedTokens: 0 };
  const { all } = foldsOf(
    part({ thoughtTokens: 2, finish: 'stop', usage: usage({}) }),
    part({ index: 1, thoughtTokens: 1, finish: 'stop', usage: usage(slow) }),
  );
  expect(totalUsage(all)).toEqual({
    ...{ promptTokens: 10, cachedTokens: 0, completionTokens: 6, reasoningTokens: 3 },
    ...{ acceptedTokens: 2, rejectedTokens: 6, queueMs: 9, promptMs: 8, completionMs: 3 },
  });
  const turned = totalUsage([all[1]!, all[0]!]);
  expect(turned).toEqual(totalUsage(all));
  expect(totalUsage([])).toMatchObject({ promptTokens: 0, cachedTokens: 0 });
});

const CALL = { name: 'f', arguments: {} };

test.each<[name: string, deltas: Partial<AnswerPart>[], counts: number[]]>([
  ['an answer', [{}, { content: 'a' }, {}], [0, 0, 0]],
  ['a thought', [{}, { reasoning: 'a' }, {}, { reasoning: 'b' }], [0, 2, 3, 4]],
  ['what follows one', [{ reasoning: 'a' }, {}, { content: 'b' }, {}], [1, 2, 2, 2]],
  ['a call', [{ reasoning: 'a' }, { toolCalls: [CALL] }, {}], [1, 1, 1]],
  ['a thought too late', [{ content: 'a' }, { reasoning: 'b' }, {}], [0, 0, 0]],
])('tokens are counted as thinking until anything else is certain: %s', (_, deltas, counts) => {
  const counter = new ThoughtCounter();
  expect(deltas.map((delta) => counter.add(part(delta)))).toEqual(counts);
});

async function formatted(
  format: ReasoningFormat,
  parts: readonly Partial<AnswerPart>[],
): Promise<{ content: string; reasoning: string }[]> {
  const source = async function* (): AsyncGenerator<AnswerPart> {
    for (const one of parts) yield part(one);
  };
  const texts = [0, 1].map(() => ({ content: '', reasoning: '' }));
  for await (const { index, content, reasoning } of formatReasoning(source(), format)) {
    texts[index]!.content += content;
    texts[index]!.reasoning += reasoning;
  }
  return texts;
}

test('thoughts are told apart, in tags, or not at all, of each answer for itself', async () => {
  const parts = [
    { reasoning: 'a' },
    { index: 1, reasoning: 'x' },
    { reasoning: 'b' },
    { content: 'c' },
    { content: 'd' },
    { index: 1, finish: 'length' as const },
  ];
  expect(await formatted('parsed', parts)).toEqual([
    { content: 'cd', reasoning: 'ab' },
    { content: '', reasoning: 'x' },
  ]);
  expect(await formatted('raw', parts)).toEqual([
    { content: '<think>ab</think>cd', reasoning: '' },
    { content: '<think>x</think>', reasoning: '' },
  ]);
  expect(await formatted('hidden', parts)).toEqual([
    { content: 'cd', reasoning: '' },
    { content: '', reasoning: '' },
  ]);
});

const INPUTS: Record<string, GenerationInput> = {
  text: { kind: 'text', prompt: 'Once' },
  chat: {
    ...({ kind: 'chat', rendering: {}, calls: {} } as const),
    messages: [{ role: 'user', content: 'Once' }],
  },
};

test.each(Object.entries(INPUTS))(
  'a %s has a slot while it runs, of which the gate learns; one that was aborted asks for none',
  async (_, input) => {
    const model = withChatTemplate(await openModel('synthetic:tiny'), '{{ messages[0].content }}');
    const wafer = await Wafer.start({ model, contextTokens: 64, sequences: 1 });
    onTestFinished(() => wafer.close());
    const gate = new Gate(GATE_LIMITS_DEFAULT, { slotCount: 1, stepTokens: 64 });
    const asked: Generation = {
      ...{ input, options: { maxTokens: 3, tenant: 'a' }, tier: 'default' },
      caller: { tenant: 'a', role: 'user', weight: 1 } as Generation['caller'],
    };
    const told: string[] = [];
    const run = (signal: AbortSignal): ReturnType<typeof runGeneration> =>
      runGeneration({ wafer, gate }, asked, signal, {
        onPrompt: () => told.push(`asks for ${gate.requestCount + 1}`),
        onEnd: () => told.push(`end, ${gate.requestCount} left`),
      });
    await expect(run(AbortSignal.abort(new Error('gone'))).next()).rejects.toThrow('gone');
    expect(told).toEqual(['end, 0 left']);
    const folds = await foldAll(run(new AbortController().signal), 1);
    expect(folds.all[0]!.tokenCount).toBe(3);
    expect(told.slice(1)).toEqual(['asks for 1', 'end, 0 left']);
    const next = { tenant: 'b', tier: 'default', promptTokens: 1, answerCount: 1 } as const;
    using _held = gate.admit(next);
    expect(gate.expectedWaitMs('default')).toBeGreaterThan(0);
  },
);

test('each of a chat’s answers counts its own thoughts', async () => {
  // It opens the thinking, and knows how it ends.
  const template = '{{ messages[0].content }}{# </think> #}<think>';
  const model = withChatTemplate(await openModel('synthetic:tiny'), template);
  const wafer = await Wafer.start({ model, contextTokens: 64, sequences: 2 });
  onTestFinished(() => wafer.close());
  const asked: Generation = {
    ...{ input: INPUTS['chat']!, options: { maxTokens: 3, n: 2, seed: 1 }, tier: 'default' },
    caller: { tenant: 'a', role: 'user', weight: 1 } as Generation['caller'],
  };
  const gate = new Gate(GATE_LIMITS_DEFAULT, { slotCount: 2, stepTokens: 64 });
  const { signal } = new AbortController();
  const watch = { onPrompt: () => undefined };
  const { all } = await foldAll(runGeneration({ wafer, gate }, asked, signal, watch), 2);
  expect(all.map(({ content, reasoningTokens }) => [content, reasoningTokens])).toEqual([
    ['', 3],
    ['', 3],
  ]);
});
