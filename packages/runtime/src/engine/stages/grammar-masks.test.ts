import { compileFormat, makeTokenTrie } from '@wafer/text';
import { expect, test } from 'vitest';
import { GrammarShelf } from './grammar-masks.ts';

test('tables of the last sixteen grammars are kept, whichever was asked for last', () => {
  const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
  const offsets = Uint32Array.from({ length: 257 }, (_, i) => i);
  const trie = makeTokenTrie({ offsets, bytes }, 4);
  const program = compileFormat({ kind: 'regex', text: 'a+' });
  const shelf = new GrammarShelf((token) => bytes.subarray(token, token + 1));
  let madeCount = 0;
  /** Whether its tables are made: only those read the nodes of a program. */
  const isMade = (key: number): boolean => {
    const before = madeCount;
    const watched = {
      ...program,
      get nodes() {
        madeCount++;
        return program.nodes;
      },
    };
    shelf.open({ key: String(key), program: watched, trie }, []);
    return madeCount > before;
  };
  for (let key = 0; key < 16; key++) expect(isMade(key)).toBe(true);
  expect([isMade(0), isMade(15)]).toEqual([false, false]);
  expect(isMade(16)).toBe(true); // in the place of 1, the oldest since 0 was asked for again
  expect([isMade(0), isMade(2), isMade(16), isMade(1)]).toEqual([false, false, false, true]);
});
