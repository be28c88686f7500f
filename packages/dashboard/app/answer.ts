/**
 * One answer of the playground as it comes: its text, its tokens with their chances, its times.
 */
import { ask, events } from './server.ts';

export interface Message {
  role: 'system' | 'user' | 'assistant';
  content: string;
}

/** A token, and what else might have stood there. */
export interface AnswerToken {
  text: string;
  probability: number;
  others: readonly { text: string; probability: number }[];
}

export interface Answer {
  content: string;
  reasoning: string;
  /** Calls of tools: name and arguments so far. */
  calls: readonly { name: string; arguments: string }[];
  tokens: readonly AnswerToken[];
  ttftMs: number | undefined;
  tokensPerSecond: number | undefined;
  finish: string | undefined;
}

export const NO_ANSWER: Answer = {
  ...{ content: '', reasoning: '', calls: [], tokens: [] },
  ...{ ttftMs: undefined, tokensPerSecond: undefined, finish: undefined },
};

interface ChunkToken {
  token: string;
  logprob: number;
  top_logprobs?: { token: string; logprob: number }[];
}

interface Chunk {
  choices: {
    delta: {
      content?: string | null;
      reasoning?: string | null;
      tool_calls?: { index: number; function?: { name?: string; arguments?: string } }[];
    };
    logprobs?: { content?: ChunkToken[] | null } | null;
    finish_reason: string | null;
  }[];
}

/** Streams an answer; told of after every chunk. Throws: Refused. */
export async function streamAnswer(
  body: Record<string, unknown>,
  signal: AbortSignal,
  onAnswer: (answer: Answer) => void,
): Promise<Answer> {
  const startMs = performance.now();
  const response = await ask('/v1/chat/completions', { body, signal });
  let answer = NO_ANSWER;
  for await (const { choices } of events<Chunk>(response)) {
    const [choice] = choices;
    if (choice === undefined) continue;
    answer = grown(answer, choice, performance.now() - startMs);
    onAnswer(answer);
  }
  return answer;
}

/** An answer with one chunk more. */
export function grown(answer: Answer, choice: Chunk['choices'][number], atMs: number): Answer {
  const { delta, logprobs, finish_reason: finish } = choice;
  const tokens = (logprobs?.content ?? []).map(({ token, logprob, top_logprobs: top = [] }) => ({
    text: token,
    probability: Math.exp(logprob),
    others: top.map((one) => ({ text: one.token, probability: Math.exp(one.logprob) })),
  }));
  const isFirst = answer.ttftMs === undefined && (tokens.length > 0 || delta.content);
  const ttftMs = isFirst ? atMs : answer.ttftMs;
  const all = [...answer.tokens, ...tokens];
  const seconds = ttftMs === undefined ? 0 : (atMs - ttftMs) / 1000;
  return {
    content: answer.content + (delta.content ?? ''),
    reasoning: answer.reasoning + (delta.reasoning ?? ''),
    calls: withCalls(answer.calls, delta.tool_calls ?? []),
    tokens: all,
    ttftMs,
    tokensPerSecond: seconds > 0 ? (all.length - 1) / seconds : answer.tokensPerSecond,
    finish: finish ?? answer.finish,
  };
}

function withCalls(
  calls: Answer['calls'],
  more: NonNullable<Chunk['choices'][number]['delta']['tool_calls']>,
): Answer['calls'] {
  const list = [...calls];
  for (const { index, function: part } of more) {
    const { name, arguments: text } = list[index] ?? { name: '', arguments: '' };
    list[index] = { name: name + (part?.name ?? ''), arguments: text + (part?.arguments ?? '') };
  }
  return list;
}
