/**
 * Where a client wants to read what a model thought: apart, in the text, or nowhere.
 */
import type { AnswerPart } from './generation.ts';

/** `raw` puts it into the content between tags; `hidden` leaves it out. */
export type ReasoningFormat = 'parsed' | 'raw' | 'hidden';

const OPEN = '<think>';
const CLOSE = '</think>';

/** The same parts, thinking put where it is wanted. */
export function formatReasoning(
  parts: AsyncIterable<AnswerPart>,
  format: ReasoningFormat,
): AsyncIterable<AnswerPart> {
  return format === 'parsed' ? parts : rewritten(parts, format);
}

async function* rewritten(
  parts: AsyncIterable<AnswerPart>,
  format: Exclude<ReasoningFormat, 'parsed'>,
): AsyncGenerator<AnswerPart, void, undefined> {
  const states = new Map<number, 'before' | 'inside' | 'behind'>();
  for await (const part of parts) {
    if (format === 'hidden') {
      yield { ...part, reasoning: '' };
      continue;
    }
    let state = states.get(part.index) ?? 'before';
    let content = '';
    if (part.reasoning !== '') {
      content += state === 'before' ? OPEN + part.reasoning : part.reasoning;
      state = 'inside';
    }
    const isPast = part.content !== '' || part.toolCalls.length > 0 || part.finish !== undefined;
    if (state === 'inside' && isPast) {
      content += CLOSE;
      state = 'behind';
    }
    states.set(part.index, state);
    yield { ...part, content: content + part.content, reasoning: '' };
  }
}
