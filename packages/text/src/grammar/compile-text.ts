/**
 * Grammars of one automaton: a regular expression, a list of texts.
 */
import { type Budget, refuseGrammar } from './budget.ts';
import { wordsDfa } from './dfa/combine.ts';
import { type Dfa, isEmptyDfa } from './dfa/dfa.ts';
import { type GrammarProgram, programBytes } from './program.ts';
import { patternDfa } from './regex/regex-dfa.ts';

/** A program that reads the texts of one automaton. Throws: GRAMMAR_INVALID if there are none. */
export function textProgram(dfa: Dfa, path: string): GrammarProgram {
  if (isEmptyDfa(dfa)) refuseGrammar(path, 'no text satisfies it');
  const nodes = [{ kind: 'text', dfa: 0 }] as const;
  return { nodes, dfas: [dfa], root: 0, bytes: programBytes(nodes, [dfa]) };
}

/** Texts that an expression matches from beginning to end. Throws: GRAMMAR_*. */
export function compileRegex(pattern: string, budget: Budget): GrammarProgram {
  return textProgram(patternDfa(pattern, { kind: 'whole', path: 'regex', budget }), 'regex');
}

/** One of some texts. Throws: GRAMMAR_*. */
export function compileChoices(choices: readonly string[], budget: Budget): GrammarProgram {
  const isText = (text: unknown): boolean =>
    typeof text === 'string' && text !== '' && text.isWellFormed();
  if (choices.length === 0 || !choices.every(isText)) {
    refuseGrammar('choices', 'a list of texts, none of them empty, is wanted');
  }
  budget.checkLength(choices.reduce((sum, text) => sum + text.length, 0));
  return textProgram(wordsDfa(choices, budget), 'choices');
}
