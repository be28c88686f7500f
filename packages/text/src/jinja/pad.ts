/**
 * Texts made wider.
 */
import { lengthOf } from './text.ts';

export interface Padding {
  width: number;
  fill: string;
  /** Where the text stands. */
  side: 'center' | 'left' | 'right';
}

/** A text made wider; centered, what is left over goes where Python puts it. */
export function padText(text: string, { width, fill, side }: Padding): string {
  const room = width - lengthOf(text);
  if (room <= 0) return text;
  const odd = room & width & 1;
  const before = side === 'center' ? Math.floor(room / 2) + odd : side === 'right' ? room : 0;
  return fill.repeat(before) + text + fill.repeat(room - before);
}
