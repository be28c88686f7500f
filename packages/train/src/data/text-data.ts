/**
 * Text and JSONL as tokens: documents one after the other, each ended by the end token.
 *
 *   .txt      one document, or several apart by a separator
 *   .jsonl    a document a line: {"text"}; {"prompt", "completion"}, whose prompt does not count;
 *             {"messages"}, whose answers alone count, as the model's chat template writes them;
 *             where preferences are asked for, two documents a line (`preference-lines.ts`)
 *
 * Either may be compressed by gzip (.gz).
 */
import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { constants, gunzipSync } from 'node:zlib';
import { isObject, reasonOf, WaferError } from '@wafer/core';
import { chatParts } from '@wafer/text';
import type { ChatModel, Tokenizer } from '@wafer/text';
import { readChatLine } from './chat-lines.ts';
import type { ChatLine } from './chat-lines.ts';
import { completed } from './document.ts';
import type { TextDocument } from './document.ts';
import { isChatPreference, readPreference } from './preference-lines.ts';
import { tokensInMemory } from './token-source.ts';
import type { TokenSource } from './token-source.ts';

/** A document, and where it stands. */
interface Placed {
  document: TextDocument;
  path: string;
  line: number;
}

/** A document's ids, and whether each counts. */
type Encoded = [id: number, isCounted: boolean][];

/** What turns documents into ids. */
export interface TextUse {
  tokenizer: Tokenizer;
  end: number | undefined;
  separator: string | undefined;
  /** Whose template writes chats. */
  chat: ChatModel;
  /** Lines are preferences, each two documents: the better one first. */
  pairs?: PairLimit | undefined;
}

/** What a document of a preference may have. */
export interface PairLimit {
  tokensMax: number;
}

/** A text, and the name of a file that says what it is. */
export interface NamedText {
  path: string;
  text: string;
}

/** Reads text files into memory as tokens. Throws: DATA_INVALID, TEMPLATE_*. */
export function openText(paths: readonly string[], use: TextUse): TokenSource {
  return tokensOfTexts(
    paths.map((path) => ({ path, text: readText(path) })),
    use,
  );
}

/** Texts that were read already as tokens. Throws: DATA_INVALID, TEMPLATE_*. */
export function tokensOfTexts(texts: readonly NamedText[], use: TextUse): TokenSource {
  const ids: number[] = [];
  const counts: number[] = [];
  const starts: number[] = [];
  for (const text of texts) {
    for (const placed of documentsOf(text, use)) {
      starts.push(ids.length);
      const encoded = encode(placed, use);
      checkLength(encoded.length, placed, use.pairs);
      for (const [id, isCounted] of encoded) {
        ids.push(id);
        counts.push(isCounted ? 1 : 0);
      }
    }
  }
  return tokensInMemory(Uint32Array.from(ids), {
    counts: Uint8Array.from(counts),
    starts: Uint32Array.from(starts),
  });
}

/** Throws: DATA_INVALID where an answer and its prompt do not fit into a row of their own. */
function checkLength(tokens: number, { path, line }: Placed, pairs: PairLimit | undefined): void {
  if (pairs === undefined || tokens <= pairs.tokensMax) return;
  const reason = `an answer and its prompt are ${tokens} tokens, a row takes ${pairs.tokensMax}`;
  throw new WaferError('DATA_INVALID', { path, line, reason: `${reason}; raise the context` });
}

/** A document's tokens, with the end token behind them unless its template put one there. */
function encode({ document, path, line }: Placed, use: TextUse): Encoded {
  const { tokenizer, end } = use;
  const isChat = 'messages' in document;
  const encoded: Encoded = isChat
    ? encodeChat(document, { path, line, use })
    : document.flatMap(({ text, counts }, index) => {
        const options = index === 0 ? {} : { addBegin: false };
        return [...tokenizer.encode(text, options)].map((id): Encoded[number] => [id, counts]);
      });
  const isCounted = !isChat || document.counts.at(-1) === true;
  if (end !== undefined && encoded.at(-1)?.[0] !== end) encoded.push([end, isCounted]);
  return encoded;
}

function encodeChat(
  { messages, counts }: ChatLine,
  { path, line, use }: { path: string; line: number; use: TextUse },
): Encoded {
  const answers = counts.filter((_, index) => messages[index]?.role === 'assistant');
  let answer = 0;
  try {
    return chatParts(use.chat, messages).flatMap(({ tokens, isAnswer }) => {
      const isCounted = isAnswer && answers[answer++] === true;
      return tokens.map((id): Encoded[number] => [id, isCounted]);
    });
  } catch (error) {
    if (!(error instanceof WaferError) || error.code === 'TEMPLATE_MISSING') throw error;
    throw new WaferError('DATA_INVALID', { path, line, reason: error.message });
  }
}

function documentsOf({ path, text }: NamedText, { separator, pairs }: TextUse): Placed[] {
  if (/\.jsonl(\.gz)?$/.test(path)) {
    return linesOf(text).flatMap(({ line, number }) => {
      const object = objectOfLine(path, line, number);
      const at = { path, line: number };
      const documents = pairs ? pairOfLine(object, at) : [documentOfLine(object, at)];
      return documents.map((document) => ({ document, ...at }));
    });
  }
  const texts = separator === undefined ? [text] : text.split(separator);
  return texts
    .filter((part) => part.trim() !== '')
    .map((part) => ({ document: [{ text: part.trim(), counts: true }], path, line: 0 }));
}

/** Lines of JSONL that are not empty, with their numbers from 1. */
export function linesOf(text: string): { line: string; number: number }[] {
  const lines = text.split('\n').map((line, index) => ({ line, number: index + 1 }));
  return lines.filter(({ line }) => line.trim() !== '');
}

/**
 * Whether any of these files is JSONL with chats, or preferences of them, by its first line; no
 * more of it is read. Throws: DATA_INVALID.
 */
export function hasChats(
  paths: readonly string[],
  { arePreferences }: { arePreferences: boolean } = { arePreferences: false },
): boolean {
  return paths.some((path) => {
    if (!/\.jsonl(\.gz)?$/.test(path)) return false;
    const [first] = linesOf(readHead(path));
    if (first === undefined) return false;
    const object = objectOfLine(path, first.line, first.number);
    return arePreferences ? isChatPreference(object) : 'messages' in object;
  });
}

function pairOfLine(
  value: Record<string, unknown>,
  at: { path: string; line: number },
): TextDocument[] {
  const pair = readPreference(value);
  if (typeof pair === 'string') throw new WaferError('DATA_INVALID', { ...at, reason: pair });
  return [pair.chosen, pair.rejected];
}

function documentOfLine(
  value: Record<string, unknown>,
  at: { path: string; line: number },
): TextDocument {
  const { text, prompt, completion, messages } = value;
  if (typeof text === 'string') return [{ text, counts: true }];
  if (typeof prompt === 'string' && typeof completion === 'string') {
    return completed(prompt, completion);
  }
  if (messages !== undefined) {
    const chat = readChatLine(messages);
    if (typeof chat !== 'string') return chat;
    throw new WaferError('DATA_INVALID', { ...at, reason: chat });
  }
  const reason = 'neither "text", nor "prompt" and "completion", nor "messages"';
  throw new WaferError('DATA_INVALID', { ...at, reason });
}

/** The object of a line. Throws: DATA_INVALID. */
export function objectOfLine(path: string, line: string, number: number): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(line);
    if (isObject(value)) return value;
  } catch (error) {
    const reason = `no JSON: ${reasonOf(error)}`;
    throw new WaferError('DATA_INVALID', { path, line: number, reason });
  }
  throw new WaferError('DATA_INVALID', { path, line: number, reason: 'no JSON object' });
}

/** What is read of a file at first to find a line; twice as much each time it has none. */
const HEAD_BYTES = 2 ** 16;

/** A file's text up to the end of its first line that is not empty. Throws: DATA_INVALID. */
function readHead(path: string): string {
  for (let max = HEAD_BYTES; ; max *= 2) {
    const head = readBytes(path, max);
    // The end of what was read may be a part of a character, of a line behind the first.
    const line = /^\s*\S.*\n/.exec(new TextDecoder().decode(unpack(path, head)));
    if (line) return line[0];
    if (head.length < max) return readText(path);
  }
}

/** Up to `max` bytes of a file's start. Throws: DATA_INVALID. */
function readBytes(path: string, max: number): Uint8Array {
  try {
    const file = openSync(path, 'r');
    try {
      const bytes = new Uint8Array(max);
      return bytes.subarray(0, readSync(file, bytes));
    } finally {
      closeSync(file);
    }
  } catch (error) {
    throw unreadable(path, error);
  }
}

/** Bytes as they are, or unpacked; packed ones may end anywhere. Throws: DATA_INVALID. */
function unpack(path: string, bytes: Uint8Array): Uint8Array {
  if (!path.endsWith('.gz')) return bytes;
  try {
    return gunzipSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH });
  } catch (error) {
    throw unreadable(path, error);
  }
}

function unreadable(path: string, error: unknown): WaferError {
  // What the system says is about the path; the rest about what is in the file.
  if (Error.isError(error) && 'syscall' in error) {
    return new WaferError('DATA_UNREADABLE', { path, reason: reasonOf(error) });
  }
  return new WaferError('DATA_INVALID', { path, line: 0, reason: reasonOf(error) });
}

/** A file's text, unpacked. Throws: DATA_UNREADABLE, DATA_INVALID. */
export function readText(path: string): string {
  try {
    const bytes = readFileSync(path);
    const plain = path.endsWith('.gz') ? gunzipSync(bytes) : bytes;
    return new TextDecoder('utf-8', { fatal: true }).decode(plain);
  } catch (error) {
    throw unreadable(path, error);
  }
}
