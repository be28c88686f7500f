/**
 * A document as it is read from a file: texts one after the other, or a chat.
 */
import type { ChatLine } from './chat-lines.ts';

/** A part of a document, and whether the loss counts its tokens as targets. */
export interface TextPart {
  text: string;
  counts: boolean;
}

export type TextDocument = readonly TextPart[] | ChatLine;

/** A prompt, which does not count, and what completes it. */
export function completed(prompt: string, completion: string): TextDocument {
  return [
    { text: prompt, counts: false },
    { text: completion, counts: true },
  ];
}
