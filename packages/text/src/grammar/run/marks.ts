/**
 * The marks of JSON, each with the spaces that may follow or precede it.
 *
 * Between marks and values stand no space, one space, or a new line and up to 32 spaces or tabs: as
 * JSON is written compactly, in one line or indented. So no text grows by spaces alone.
 */
import { Budget } from '../budget.ts';
import type { Dfa } from '../dfa/dfa.ts';
import { patternDfa } from '../regex/regex-dfa.ts';

const SPACES = '(?: |\\n[ \\t]{0,32})?';

const PATTERNS = {
  openArray: `\\[${SPACES}`,
  openObject: `\\{${SPACES}`,
  comma: `,${SPACES}`,
  colon: ': ?',
  emptyArray: '\\]',
  emptyObject: '\\}',
  closeArray: `${SPACES}\\]`,
  closeObject: `${SPACES}\\}`,
};

export type JsonMark = keyof typeof PATTERNS;

const made = new Map<JsonMark, Dfa>();

/** The automaton of a mark. */
export function markDfa(mark: JsonMark): Dfa {
  const use = { kind: 'whole', path: mark, budget: new Budget() } as const;
  const dfa = made.get(mark) ?? patternDfa(PATTERNS[mark], use);
  made.set(mark, dfa);
  return dfa;
}
