/**
 * Text and JSONL as tokens: documents one after the other, each ended by the end token.
 *
 *   .txt      one document, or several apart by a separator
 *   .jsonl    a document a line: {"text"}, or {"prompt", "completion"}, whose prompt does not count
 *
 * Either may be compressed by gzip (.gz).
 */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { isObject, reasonOf, WaferError } from '@wafer/core';
import type { Tokenizer } from '@wafer/text';
import { tokensInMemory } from './token-source.ts';
import type { TokenSource } from './token-source.ts';

/** A part of a document, and whether the loss counts its tokens as targets. */
interface TextPart {
  text: string;
  counts: boolean;
}

type TextDocument = readonly TextPart[];

/** Reads text files into memory as tokens. Throws: DATA_INVALID, MODEL_UNREADABLE. */
export function openText(
  paths: readonly string[],
  use: { tokenizer: Tokenizer; end: number | undefined; separator: string | undefined },
): TokenSource {
  const ids: number[] = [];
  const counts: number[] = [];
  const starts: number[] = [];
  const put = (id: number, isCounted: boolean): void => {
    ids.push(id);
    counts.push(isCounted ? 1 : 0);
  };
  for (const path of paths) {
    for (const document of documentsOf(path, use.separator)) {
      starts.push(ids.length);
      document.forEach(({ text, counts: isCounted }, index) => {
        const options = index === 0 ? {} : { addBegin: false };
        for (const id of use.tokenizer.encode(text, options)) put(id, isCounted);
      });
      if (use.end !== undefined) put(use.end, true);
    }
  }
  return tokensInMemory(Uint32Array.from(ids), {
    counts: Uint8Array.from(counts),
    starts: Uint32Array.from(starts),
  });
}

function documentsOf(path: string, separator: string | undefined): TextDocument[] {
  const text = readText(path);
  if (/\.jsonl(\.gz)?$/.test(path)) {
    const lines = text.split('\n').map((line, index) => ({ line, number: index + 1 }));
    return lines
      .filter(({ line }) => line.trim() !== '')
      .map(({ line, number }) => documentOfLine(path, line, number));
  }
  const texts = separator === undefined ? [text] : text.split(separator);
  return texts
    .filter((part) => part.trim() !== '')
    .map((part) => [{ text: part.trim(), counts: true }]);
}

function documentOfLine(path: string, line: string, number: number): TextDocument {
  const refuse = (reason: string): WaferError =>
    new WaferError('DATA_INVALID', { path, line: number, reason });
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    throw refuse(`no JSON: ${reasonOf(error)}`);
  }
  if (!isObject(value)) throw refuse('no JSON object');
  const { text, prompt, completion } = value;
  if (typeof text === 'string') return [{ text, counts: true }];
  if (typeof prompt === 'string' && typeof completion === 'string') {
    return [
      { text: prompt, counts: false },
      { text: completion, counts: true },
    ];
  }
  throw refuse('neither "text" nor "prompt" and "completion" are strings');
}

function readText(path: string): string {
  try {
    const bytes = readFileSync(path);
    const plain = path.endsWith('.gz') ? gunzipSync(bytes) : bytes;
    return new TextDecoder('utf-8', { fatal: true }).decode(plain);
  } catch (error) {
    throw new WaferError('DATA_INVALID', { path, line: 0, reason: reasonOf(error) });
  }
}
