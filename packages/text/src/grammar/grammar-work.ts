/**
 * What the thread of grammars is asked, and what it answers.
 */
import { type ErrorCode, WaferError } from '@wafer/core';
import type { TokenBytes } from '../tokenizer/token-bytes.ts';
import { compileFormat, type FormatSource } from './answer-format.ts';
import type { GrammarProgram } from './program.ts';
import { makeTokenTrie, type TokenTrie, type TrieTable } from './run/token-trie.ts';

export type GrammarWork =
  | { kind: 'format'; source: FormatSource }
  | { kind: 'trie'; tokenBytes: TokenBytes };

export type GrammarAnswer =
  | { kind: 'started' }
  | { kind: 'program'; program: GrammarProgram }
  | { kind: 'trie'; trie: TokenTrie }
  | { kind: 'refused'; code: ErrorCode; details: Readonly<Record<string, unknown>> };

/** Does what the thread is asked. Throws: nothing that a request can bring about. */
export function doGrammarWork(work: GrammarWork): GrammarAnswer {
  try {
    if (work.kind === 'trie')
      return { kind: 'trie', trie: shareTrie(makeTokenTrie(work.tokenBytes)) };
    return { kind: 'program', program: compileFormat(work.source) };
  } catch (error) {
    if (error instanceof WaferError) {
      const { code, details } = error.toJSON();
      return { kind: 'refused', code, details };
    }
    // Recursion that no limit saw: a format that nests too deep in a way of its own.
    if (!(error instanceof RangeError)) throw error;
    const details = { limit: 'levels of nesting', allowed: 'fewer' };
    return { kind: 'refused', code: 'GRAMMAR_LIMIT', details };
  }
}

/** The same tables in memory that all threads see, so that handing them on copies nothing. */
function shareTrie(trie: TokenTrie): TokenTrie {
  const table = (one: TrieTable): TrieTable => ({
    bytes: new Uint8Array(shared(one.bytes)),
    depths: new Uint16Array(shared(one.depths)),
    ends: new Int32Array(shared(one.ends)),
    tokenStarts: new Int32Array(shared(one.tokenStarts)),
    tokens: new Int32Array(shared(one.tokens)),
    depthMax: one.depthMax,
  });
  return {
    vocabCount: trie.vocabCount,
    plain: table(trie.plain),
    rest: table(trie.rest),
    quoted: table(trie.quoted),
    plainCounts: new Int32Array(shared(trie.plainCounts)),
    plainTokens: new Int32Array(shared(trie.plainTokens)),
    long: table(trie.long),
    commonBytes: trie.commonBytes,
  };
}

function shared(array: Uint8Array | Uint16Array | Int32Array): SharedArrayBuffer {
  const buffer = new SharedArrayBuffer(array.byteLength);
  new Uint8Array(buffer).set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
  return buffer;
}
