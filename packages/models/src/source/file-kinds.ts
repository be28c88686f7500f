/**
 * Files that are not what their name says, told by their first bytes: what came instead of a
 * model, in the words of those who use it, and what to do.
 *
 * Source: the magic numbers of the formats; the pointer files of Git LFS.
 */
import { readSync } from 'node:fs';
import { WaferError } from '@wafer/core';

/** What of a file is looked at; the mark of a tar archive lies at byte 257. */
const HEAD_BYTES = 512;

/** A preallocated file whose download stopped begins with at least so many zeros. */
const ZEROS_MIN = 64;

/** A regular file that is open for reading. */
interface Opened {
  readonly path: string;
  readonly descriptor: number;
  readonly byteCount: number;
}

type Format = 'GGUF' | 'safetensors' | 'JSON';
type Kind = readonly [what: string, hint: string];

const UNPACK: Kind = ['is an archive', 'unpack it, and give what was inside'];
const PICKLED: Kind = [
  'holds pickled PyTorch weights, which could run code when they are read',
  'take a revision with .safetensors, or save it again with safe_serialization in transformers',
];
const OLD_GGML: Kind = [
  'is in a format of llama.cpp from before GGUF',
  'take a .gguf of this model, or convert the original weights again',
];
const PAGE: Kind = [
  'is a web page, not the file that it should show',
  'download the file itself (its address has /resolve/, not /blob/), with a token if it is gated',
];

/** How files begin, as characters of one byte each. */
const BEGINNINGS: readonly (readonly [string, Kind])[] = [
  [
    'version https://git-lfs',
    ['is a pointer of Git LFS, not the file itself', 'run git lfs pull, or download the file'],
  ],
  ['\x1f\x8b', UNPACK],
  ['\x28\xb5\x2f\xfd', UNPACK],
  ['\xfd7zXZ', UNPACK],
  ['7z\xbc\xaf', UNPACK],
  ['BZh', UNPACK],
  ['Rar!', UNPACK],
  ['\x80\x02', PICKLED],
  ['lmgg', OLD_GGML],
  ['fmgg', OLD_GGML],
  ['tjgg', OLD_GGML],
  ['\x89HDF', ['holds weights for TensorFlow', 'take a revision with .safetensors']],
  ['%PDF', ['is a PDF', 'give the file of a model']],
];

/** Ends of names whose zip archives hold pickled weights. */
const PICKLED_NAME = /\.(bin|pt|pth|ckpt)$/i;

/** Stops at a file of another kind than its reader expects. Throws: MODEL_KIND. */
export function refuseOtherFile(file: Opened, expected: Format): void {
  const kind = kindOf(headOf(file), file.path, expected);
  if (kind === undefined) return;
  const [what, hint] = kind;
  throw new WaferError('MODEL_KIND', { path: file.path, what, hint });
}

/** The first bytes, a character each. */
function headOf(file: Opened): string {
  const bytes = Buffer.alloc(Math.min(HEAD_BYTES, file.byteCount));
  try {
    readSync(file.descriptor, bytes, 0, bytes.length, 0);
  } catch {
    return ''; // its reader says what is wrong
  }
  return bytes.toString('latin1');
}

function kindOf(head: string, path: string, expected: Format): Kind | undefined {
  const known = BEGINNINGS.find(([beginning]) => head.startsWith(beginning));
  if (known !== undefined) return known[1];
  if (head.startsWith('PK\x03\x04')) return PICKLED_NAME.test(path) ? PICKLED : UNPACK;
  if (head.slice(257, 262) === 'ustar') return UNPACK;
  if (/^\s*<(!doctype|html|\?xml|head)/i.test(head)) return PAGE;
  if (head.length >= ZEROS_MIN && /^\0+$/.test(head)) {
    return ['begins with nothing but zeros, as a download that stopped does', 'download it again'];
  }
  return expected === 'JSON' ? undefined : weightsOf(head, expected);
}

/** What stands where a reader of weights expects its own format. */
function weightsOf(head: string, expected: Format): Kind | undefined {
  if (expected !== 'GGUF' && head.startsWith('GGUF')) {
    return ['is a GGUF file', 'give it the ending .gguf, and open it by that name'];
  }
  // A length of eight bytes, the last of them 0, and an object.
  if (expected !== 'safetensors' && /^[^]{5}\0{3}\{/.test(head)) {
    return ['is a safetensors file', 'give the folder it lies in, with its config.json'];
  }
  const text = /^[\t\n\r\x20-\x7e]{8,}/.exec(head)?.[0];
  if (text === undefined || text.length < Math.min(head.length, ZEROS_MIN)) return undefined;
  const start = text.trim().replace(/\s+/g, ' ').slice(0, 60);
  return [`is a text that begins “${start}”`, 'give a .gguf file or the folder of a model'];
}
