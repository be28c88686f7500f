/**
 * Text that a command is given: as a word, by a file, or through standard input.
 */
import { readFileSync } from 'node:fs';
import { reasonOf } from '@wafer/core';
import { UsageError } from '../failures/failures.ts';

/** The text of a word, `-` for standard input, or of a file. Throws: UsageError. */
export async function readText(given: {
  text: string | undefined;
  file: string | undefined;
}): Promise<string> {
  const { text, file } = given;
  if (text !== undefined && file !== undefined) {
    throw new UsageError('give the text or --file, not both');
  }
  if (file !== undefined) return decode(readBytes(file), file);
  if (text === undefined) throw new UsageError('give a text, - for standard input, or --file');
  return text === '-' ? readStandardInput() : text;
}

/** The whole of standard input as text, without its last line end. */
async function readStandardInput(): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Uint8Array);
  return decode(Buffer.concat(chunks), 'standard input');
}

function readBytes(file: string): Uint8Array {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new UsageError(`--file ${file}: ${reasonOf(error)}`, { cause: error });
  }
}

function decode(bytes: Uint8Array, what: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes).replace(/\r?\n$/, '');
  } catch {
    throw new UsageError(`${what} is no UTF-8 text; convert it`);
  }
}
