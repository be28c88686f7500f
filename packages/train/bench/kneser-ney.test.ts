import { expect, test } from 'vitest';
import { KneserNey } from './kneser-ney.ts';

const VOCAB = 7;
const DOCUMENTS = [
  [0, 1, 2, 3, 1, 2, 3, 4, 1, 2, 5],
  [1, 2, 3, 3, 3, 1, 2],
  [5, 1, 2, 0, 1, 2, 3],
].map((ids) => Uint32Array.from(ids));

/** The formulas word for word, over n-grams as texts; `^` begins a document. */
function slowProbability(order: number, token: number, history: readonly number[]): number {
  const grams = new Map<string, number>();
  const texts = DOCUMENTS.map((ids) => ['^', ...ids]);
  for (const ids of texts) {
    for (let n = 1; n <= order; n++) {
      for (let at = 0; at + n <= ids.length; at++) {
        const gram = ids.slice(at, at + n).join(' ');
        grams.set(gram, (grams.get(gram) ?? 0) + 1);
      }
    }
  }
  const countOf = (gram: string): number => {
    const parts = gram.split(' ');
    if (parts.length === order || parts[0] === '^')
      return parts.at(-1) === '^' ? 0 : grams.get(gram)!;
    return [...grams.keys()].filter((other) => {
      const words = other.split(' ');
      return words.length === parts.length + 1 && words.slice(1).join(' ') === gram;
    }).length;
  };
  const ofOrder = (n: number): [string, number][] =>
    [...grams.keys()]
      .filter((gram) => gram.split(' ').length === n && gram !== '^')
      .map((gram) => [gram, countOf(gram)]);
  const at = (n: number, context: readonly string[]): number => {
    if (n === 0) return 1 / VOCAB;
    const lower = at(n - 1, context.slice(1));
    const all = ofOrder(n);
    const t = [1, 2, 3, 4].map((k) => all.filter(([, count]) => count === k).length);
    const y = t[0]! / (t[0]! + 2 * t[1]!);
    const discount = (count: number): number => {
      const k = Math.min(count, 3);
      const less = t[k - 1]!;
      return less === 0 ? k / 2 : Math.min(k, Math.max(0, k - ((k + 1) * y * t[k]!) / less));
    };
    const begin = context.join(' ');
    const next = all.filter(([gram]) => gram.split(' ').slice(0, -1).join(' ') === begin);
    const total = next.reduce((sum, [, count]) => sum + count, 0);
    if (total === 0) return lower;
    const own = next.find(([gram]) => gram.split(' ').at(-1) === String(token))?.[1] ?? 0;
    const taken = next.reduce((sum, [, count]) => sum + discount(count), 0);
    return ((own === 0 ? 0 : own - discount(own)) + taken * lower) / total;
  };
  const full = ['^', ...history.map(String)].slice(-(order - 1));
  return at(full.length + 1, full);
}

test.each([2, 3, 5])(
  'probabilities of order %i are those of the formulas, and sum to 1',
  (order) => {
    const model = new KneserNey(DOCUMENTS, { order, vocab: VOCAB });
    const histories = [[], [1], [1, 2], [0, 1, 2, 3], [3, 1, 2, 3, 4], [6, 6, 6, 6], [2, 3, 3, 3]];
    for (const history of histories) {
      let sum = 0;
      for (let token = 0; token < VOCAB; token++) {
        const p = model.probability(token, history);
        expect(p).toBeCloseTo(slowProbability(order, token, history), 12);
        sum += p;
      }
      expect(sum).toBeCloseTo(1, 12);
    }
  },
);
