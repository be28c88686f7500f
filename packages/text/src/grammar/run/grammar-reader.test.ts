import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Budget } from '../budget.ts';
import { compileChoices, compileRegex } from '../compile-text.ts';
import { patternDfa } from '../regex/regex-dfa.ts';
import type { GrammarNode, GrammarProgram } from '../program.ts';
import type { Automaton } from './automaton.ts';
import { GrammarReader, GrammarTables } from './grammar-reader.ts';
import { MaskMaker } from './mask-maker.ts';
import { makeTokenTrie } from './token-trie.ts';

const encoder = new TextEncoder();

/** All single bytes, then texts; the last token has no bytes. */
function vocabularyOf(texts: readonly string[]): ConstructorParameters<typeof GrammarTables>[1] {
  const parts = Array.from({ length: 256 }, (_, byte) => Uint8Array.of(byte));
  for (const text of texts) parts.push(encoder.encode(text));
  parts.push(new Uint8Array(0));
  const offsets = new Uint32Array(parts.length + 1);
  parts.forEach((part, i) => (offsets[i + 1] = offsets[i]! + part.length));
  const bytes = new Uint8Array(Buffer.concat(parts));
  const trie = makeTokenTrie({ offsets, bytes }, 4);
  return { trie, tokenBytes: (token) => parts[token]! };
}

const WORDS = [
  'ab',
  'abc',
  ' a',
  '"',
  '",',
  'é',
  '😀x',
  'a"',
  'a",',
  '\\u',
  '00',
  '": "',
  '{"',
  'aaaa',
  'aaaaaaa',
];
const vocabulary = vocabularyOf([...WORDS, ...WORDS.map((word) => `${word}b`)]);
const END = vocabulary.trie.vocabCount - 1;

function tablesOf(program: GrammarProgram): GrammarTables {
  return new GrammarTables(program, vocabulary);
}

function stringProgram(pattern: string | undefined, min = 0, max = Infinity): GrammarProgram {
  const use = { kind: 'search', path: 'p', budget: new Budget() } as const;
  const dfas = pattern === undefined ? [] : [patternDfa(pattern, use)];
  const dfa = pattern === undefined ? undefined : 0;
  return { nodes: [{ kind: 'string', dfa, min, max }], dfas, root: 0, bytes: 0 };
}

/** What a mask must be: every token, read byte by byte. */
function slowMask(tables: GrammarTables, read: Uint8Array): boolean[] {
  return Array.from({ length: END }, (_, token) => {
    const reader = new GrammarReader(tables, []);
    return reader.tryRead(read) && reader.tryRead(vocabulary.tokenBytes(token));
  });
}

const PROGRAMS: readonly [string, GrammarProgram][] = [
  ['any string', stringProgram(undefined)],
  ['a short string', stringProgram(undefined, 2, 3)],
  ['a pattern', stringProgram('^[ab]{1,4}$')],
  ['a pattern of other characters', stringProgram('^[^a]*😀?x$')],
  ['a pattern with a bound', stringProgram('^[ab]*c?$', 1, 12)],
  ['a pattern with a bound that lasts', stringProgram('^(a[ab]|é)*$', 0, 60)],
  ['a search', stringProgram('b.*c')],
  ['an expression', compileRegex('(ab|é)+"?', new Budget())],
  ['choices', compileChoices(['abc', 'ab', '😀x😀'], new Budget())],
];

test.each(PROGRAMS)(
  'the mask of %s has the tokens that can be read, and no other',
  (_, program) => {
    const tables = tablesOf(program);
    fc.assert(
      fc.property(fc.array(fc.nat(END - 1), { maxLength: 6 }), (tokens) => {
        let read = new Uint8Array(0);
        const reader = new GrammarReader(tables, [END]);
        for (const token of [...tokens, 0]) {
          const mask = reader.mask();
          const isIn = (id: number): boolean => ((mask[id >>> 5]! >>> (id & 31)) & 1) === 1;
          const expected = slowMask(tables, read);
          expect(expected.map((_, id) => isIn(id))).toEqual(expected);
          expect(isIn(END)).toBe(reader.isComplete);
          // Goes on with a token that may come, chosen by the one that was drawn.
          const allowed = expected.flatMap((may, id) => (may ? [id] : []));
          if (allowed.length === 0) break;
          const next = allowed[token % allowed.length]!;
          reader.accept(next);
          read = new Uint8Array(Buffer.concat([read, vocabulary.tokenBytes(next)]));
        }
      }),
      { numRuns: 20 },
    );
  },
);

/** Tokens that the mask behind a text has, and those that it must have. */
function masksBehind(tables: GrammarTables, text: string): { given: boolean[]; wanted: boolean[] } {
  const read = encoder.encode(text);
  const reader = new GrammarReader(tables, []);
  expect(reader.tryRead(read)).toBe(true);
  const mask = reader.mask();
  const given = Array.from({ length: END }, (_, id) => ((mask[id >>> 5]! >>> (id & 31)) & 1) === 1);
  return { given, wanted: slowMask(tables, read) };
}

test.each(['^a*b{0,3}$', '^a*bbb$', '^(aa)*c?$'])(
  'a bound is felt by each token that reaches it, however far away: %s',
  (pattern) => {
    const tables = tablesOf(stringProgram(pattern, 1, 16));
    for (let count = 0; count <= 13; count++) {
      const { given, wanted } = masksBehind(tables, `"${'a'.repeat(count)}`);
      expect(given).toEqual(wanted);
    }
  },
);

test('strings that read the same end as their places say', () => {
  const use = { kind: 'whole', path: 'p', budget: new Budget() } as const;
  const nodes: GrammarNode[] = [
    { kind: 'string', dfa: undefined, min: 0, max: Infinity },
    { kind: 'text', dfa: 0 },
    { kind: 'string', dfa: undefined, min: 0, max: Infinity },
    { kind: 'sequence', of: [0, 1, 2] },
  ];
  const tables = tablesOf({ nodes, dfas: [patternDfa(',', use)], root: 3, bytes: 0 });
  for (const text of ['"a', '"a","a', '"a","']) {
    const { given, wanted } = masksBehind(tables, text);
    expect(given).toEqual(wanted);
  }
});

test.each(PROGRAMS)('whatever was read of %s can be finished', (_, program) => {
  const { automaton } = tablesOf(program);
  fc.assert(
    fc.property(fc.array(fc.nat(255), { minLength: 1, maxLength: 20 }), (draws) => {
      let at = automaton.start;
      for (const draw of draws) {
        const bytes = Array.from({ length: 256 }, (_, i) => (i + draw) % 256);
        const byte = bytes.find((one) => automaton.step(at, one) >= 0);
        if (byte !== undefined) at = automaton.step(at, byte);
      }
      expect(canEnd(automaton, at)).toBe(true);
    }),
    { numRuns: 4 },
  );
});

/** Whether some text leads to an end, by trying all. */
function canEnd(automaton: Automaton, from: number): boolean {
  const seen = new Set([from]);
  for (const at of seen) {
    if (automaton.isAccepting(at)) return true;
    for (let byte = 0; byte < 256; byte++) {
      const to = automaton.step(at, byte);
      if (to >= 0) seen.add(to);
    }
  }
  return false;
}

test('escapes stand for their characters, pairs for theirs, and halves for nothing', () => {
  const tables = tablesOf(stringProgram('^[éa😀]$'));
  const accepts = (text: string): boolean => {
    const reader = new GrammarReader(tables, []);
    return reader.tryRead(encoder.encode(text)) && reader.isOver;
  };
  const yes = ['"a"', '"é"', '"\\u0061"', '"\\u00E9"', '"\\ud83d\\ude00"', '"😀"'];
  expect(yes.map(accepts)).toEqual(yes.map(() => true));
  const no = [
    '"b"',
    '"\\n"',
    '"\\u0062"',
    '"\\ud83d"',
    '"\\ud83d\\ude01"',
    '"\\ude00"',
    '"aa"',
    'a',
  ];
  expect(no.map(accepts)).toEqual(no.map(() => false));
});

test('lengths count characters, however they are written', () => {
  const tables = tablesOf(stringProgram(undefined, 2, 2));
  const accepts = (text: string): boolean => {
    const reader = new GrammarReader(tables, []);
    return reader.tryRead(encoder.encode(text)) && reader.isOver;
  };
  expect(['"a"', '"ab"', '"abc"'].map(accepts)).toEqual([false, true, false]);
  expect(accepts('"😀\\ud83d\\ude00"')).toBe(true);
  expect(accepts('"\\n\\n\\n"')).toBe(false);
});

test('what must come is told, and ends where it is open', () => {
  const reader = new GrammarReader(tablesOf(compileRegex('abcab(a|é)', new Budget())), []);
  const target = new Int32Array(8);
  const count = reader.force(target, 8);
  const text = [...target.subarray(0, count)].map((token) =>
    Buffer.from(vocabulary.tokenBytes(token)).toString(),
  );
  expect(text).toEqual(['abc', 'ab']);
});

test('sequences, repetitions and choices nest, and a repetition of nothing ends', () => {
  const nodes: GrammarNode[] = [
    { kind: 'text', dfa: 0 }, // a or nothing
    { kind: 'repeat', of: 0, min: 0, max: 1e9 },
    { kind: 'text', dfa: 1 }, // b
    { kind: 'sequence', of: [1, 2, 4] },
    { kind: 'choice', of: [0, 3] },
  ];
  const use = { kind: 'whole', path: 'p', budget: new Budget() } as const;
  const dfas = [patternDfa('a?', use), patternDfa('b', use)];
  const tables = tablesOf({ nodes, dfas, root: 3, bytes: 0 });
  const accepts = (text: string): boolean => {
    const reader = new GrammarReader(tables, []);
    return reader.tryRead(encoder.encode(text)) && reader.isComplete;
  };
  expect(['b', 'aaab', 'aabaab', 'bba', 'aabaaa'].map(accepts)).toEqual([
    ...[true, true, true, true, false],
  ]);
});

function mayFollow(reader: GrammarReader, token: number): boolean {
  return ((reader.mask()[token >>> 5]! >>> (token & 31)) & 1) === 1;
}

test('a token that ends an answer comes where the text is complete, also where it is text', () => {
  const end = 256 + WORDS.indexOf('ab');
  const reader = new GrammarReader(tablesOf(compileRegex('ab(c(ab)?)?', new Budget())), [end]);
  expect(mayFollow(reader, end)).toBe(false); // though "ab" may
  expect([reader.isComplete, reader.isOver]).toEqual([false, false]);
  reader.tryRead(encoder.encode('ab'));
  expect([mayFollow(reader, end), reader.isComplete, reader.isOver]).toEqual([true, true, false]);
  reader.tryRead(encoder.encode('cab'));
  expect([mayFollow(reader, end), reader.isOver]).toEqual([true, true]);
});

test('tables that have met too much begin anew, and readers go on where they are', () => {
  const program = compileRegex('([ab]{3}c){4}', new Budget());
  const tables = new GrammarTables(program, vocabulary, 8);
  const readers = [new GrammarReader(tables, []), new GrammarReader(tables, [])];
  const texts = ['aaacaaacaaacaaac', 'bbbcabacabbcbaac'];
  for (let at = 0; at < 16; at++) {
    readers.forEach((reader, i) => {
      const fresh = new GrammarReader(tablesOf(program), []);
      fresh.tryRead(encoder.encode(texts[i]!.slice(0, at)));
      expect(reader.mask()).toEqual(fresh.mask());
      expect(reader.tryRead(encoder.encode(texts[i]!.charAt(at)))).toBe(true);
    });
  }
  expect(tables.generation).toBeGreaterThan(3);
  expect(readers.map(({ isOver }) => isOver)).toEqual([true, true]);
});

test('of the masks of a grammar the last ones are kept, as many as there is room for', () => {
  const { automaton, trie } = tablesOf(compileRegex('abcab', new Budget()));
  const masks = new MaskMaker(automaton, trie, 0); // two, at the least
  const places = ['', 'a', 'ab'].map((text) =>
    automaton.read(automaton.start, encoder.encode(text)),
  );
  const made = (place: number): number => {
    const before = masks.madeCount;
    masks.maskOf(places[place]!);
    return masks.madeCount - before;
  };
  expect([0, 1, 0, 2].map(made)).toEqual([1, 1, 0, 1]);
  expect([0, 1].map(made)).toEqual([0, 1]); // the second was not asked for since the first
});
