/**
 * Choices of text completions: texts, echoed prompts, token logprobs, the best of several.
 */
import type { PromptLogprob } from '@wafer/runtime';
import type { Tokenizer } from '@wafer/text';
import type { AnswerFold, AnswerFolds, AnswerPart, PartToken } from '../requests/generation.ts';
import type { TotalUsage } from '../requests/generation.ts';
import type { CompletionBody } from './completion-schema.ts';
import { finite, timeInfo, tokenText, usageBody } from './usage.ts';

interface TextLogprobs {
  tokens: string[];
  token_logprobs: (number | null)[];
  top_logprobs: (Record<string, number> | null)[];
  text_offset: number[];
}

type Choice = Record<string, unknown>;

export class CompletionChoices {
  readonly #body: CompletionBody;
  readonly #tokenizer: Tokenizer;
  readonly #prompts: readonly ArrayLike<number>[];
  /** Characters of each choice so far. */
  readonly #lengths = new Map<number, number>();

  constructor(body: CompletionBody, tokenizer: Tokenizer, prompts: readonly ArrayLike<number>[]) {
    this.#body = body;
    this.#tokenizer = tokenizer;
    this.#prompts = prompts;
  }

  /** All choices, when every answer is there. */
  whole(folds: readonly AnswerFolds[]): Choice[] {
    const count = this.#body.n ?? 1;
    return folds.flatMap(({ all }, at) =>
      best(all, count).map((fold, i) => {
        const echoed = this.#echo(at, all[0]!.promptLogprobs);
        const { length } = echoed.text;
        const tokens = this.#logprobs(fold.tokens, length, echoed.logprobs);
        return choiceOf(at * count + i, echoed.text + fold.content, {
          logprobs: tokens,
          finish: fold.apiFinish,
        });
      }),
    );
  }

  /** What a part adds to its choice. */
  chunks(at: number, part: AnswerPart, fold: AnswerFold): Choice[] {
    const index = at * (this.#body.n ?? 1) + part.index;
    const chunks: Choice[] = [];
    const isFirst = !this.#lengths.has(index);
    if (isFirst && this.#body.echo === true) {
      const { text, logprobs } = this.#echo(at, fold.promptLogprobs);
      this.#lengths.set(index, text.length);
      chunks.push(choiceOf(index, text, { logprobs: logprobs ?? null, finish: null }));
    }
    const offset = this.#lengths.get(index) ?? 0;
    this.#lengths.set(index, offset + part.content.length);
    const finish = part.finish === undefined ? null : fold.apiFinish;
    const isEmpty = part.content === '' && part.token === undefined && finish === null;
    if (isEmpty) return chunks;
    const logprobs = this.#logprobs(part.token ? [part.token] : [], offset);
    chunks.push(choiceOf(index, part.content, { logprobs, finish }));
    return chunks;
  }

  #echo(
    at: number,
    scored: readonly PromptLogprob[] | undefined,
  ): { text: string; logprobs: TextLogprobs | undefined } {
    if (this.#body.echo !== true) return { text: '', logprobs: undefined };
    const prompt = this.#prompts[at]!;
    const text = this.#tokenizer.decode(Array.from(prompt));
    const { logprobs } = this.#body;
    if (logprobs === undefined || logprobs === null) return { text, logprobs: undefined };
    const rows: PartToken[] = Array.from(prompt, (token, i) => ({
      token,
      logprob: scored?.[i - 1]?.logprob ?? NaN,
      top: scored?.[i - 1]?.top ?? [],
    }));
    return { text, logprobs: this.#table(rows, 0) };
  }

  #logprobs(
    tokens: readonly PartToken[],
    offset: number,
    before?: TextLogprobs,
  ): TextLogprobs | null {
    const { logprobs } = this.#body;
    if (logprobs === undefined || logprobs === null) return null;
    const table = this.#table(tokens, offset);
    if (before === undefined) return table;
    return {
      tokens: [...before.tokens, ...table.tokens],
      token_logprobs: [...before.token_logprobs, ...table.token_logprobs],
      top_logprobs: [...before.top_logprobs, ...table.top_logprobs],
      text_offset: [...before.text_offset, ...table.text_offset],
    };
  }

  /** Offsets are those of the tokens' own texts, one behind the other. */
  #table(rows: readonly PartToken[], from: number): TextLogprobs {
    const tokenizer = this.#tokenizer;
    const texts = rows.map(({ token }) => tokenText(tokenizer, token));
    let offset = from;
    const text_offset = texts.map((text) => {
      offset += text.length;
      return offset - text.length;
    });
    return {
      tokens: texts,
      token_logprobs: rows.map(({ logprob }) => (Number.isNaN(logprob) ? null : finite(logprob))),
      top_logprobs: rows.map(({ logprob, top }) =>
        Number.isNaN(logprob)
          ? null
          : Object.fromEntries(
              top.map((one) => [tokenText(tokenizer, one.token), finite(one.logprob)]),
            ),
      ),
      text_offset,
    };
  }
}

function choiceOf(
  index: number,
  text: string,
  { logprobs, finish }: { logprobs: TextLogprobs | null; finish: string | null },
): Choice {
  return { index, text, logprobs, finish_reason: finish };
}

/** The likeliest `count` answers by the mean logprob of their tokens, the best first. */
function best(folds: readonly AnswerFold[], count: number): readonly AnswerFold[] {
  if (folds.length <= count) return folds;
  const mean = ({ tokens }: AnswerFold): number =>
    tokens.reduce((sum, { logprob }) => sum + logprob, 0) / Math.max(1, tokens.length);
  return folds.toSorted((a, b) => mean(b) - mean(a)).slice(0, count);
}

/** Usage and times of several prompts together. */
export function completionUsage(totals: readonly TotalUsage[]): Record<string, unknown> {
  const sum = totals.reduce((all, one) => ({
    promptTokens: all.promptTokens + one.promptTokens,
    cachedTokens: all.cachedTokens + one.cachedTokens,
    completionTokens: all.completionTokens + one.completionTokens,
    reasoningTokens: 0,
    acceptedTokens: all.acceptedTokens + one.acceptedTokens,
    rejectedTokens: all.rejectedTokens + one.rejectedTokens,
    queueMs: Math.max(all.queueMs, one.queueMs),
    promptMs: Math.max(all.promptMs, one.promptMs),
    completionMs: Math.max(all.completionMs, one.completionMs),
  }));
  return { usage: usageBody(sum), time_info: timeInfo(sum) };
}
