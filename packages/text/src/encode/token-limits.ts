/**
 * Bounds on the texts of tokens: a trie has a node for each code unit, and what a text costs to cut
 * grows with the longest token.
 */

/** Published tokens have at most a few hundred code units, and a vocabulary some millions. */
const UNITS_MAX = 2 ** 12;
const UNITS_SUM_MAX = 2 ** 24;

/** Throws: what `fail` makes of the reason. */
export function checkTokenTexts(texts: Iterable<string>, fail: (reason: string) => Error): void {
  let sum = 0;
  for (const text of texts) {
    if (text.length > UNITS_MAX) throw fail(`a token is too long: ${text.length} code units`);
    sum += text.length;
  }
  if (sum > UNITS_SUM_MAX) throw fail(`its tokens are too long together: ${sum} code units`);
}
