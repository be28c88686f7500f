/**
 * Bodies of requests: JSON and MessagePack, plain or gzip, bounded before they are looked at.
 *
 *     bytes ≤ bound ─ gunzip ≤ bound ─ depth and count of JSON ≤ bound ─ parse
 *
 * `JSON.parse` takes any depth, and what is deep overflows stacks later; so brackets are counted
 * on the bytes first. Names that would change an object's prototype are refused.
 */
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { Unpackr } from 'msgpackr';
import { ApiError } from '../errors/api-error.ts';

export interface BodyLimits {
  bytesMax: number;
  /** Bytes of a file in a form. */
  fileBytesMax: number;
  depthMax: number;
  /** Values and names of a body. */
  itemsMax: number;
}

export const BODY_LIMITS_DEFAULT: BodyLimits = {
  bytesMax: 16 * 2 ** 20,
  fileBytesMax: 64 * 2 ** 20,
  depthMax: 64,
  itemsMax: 500_000,
};

const unzip = promisify(gunzip);
const unpackr = new Unpackr({ useRecords: false, mapsAsObjects: true, moreTypes: false });
const [QUOTE, BACKSLASH, COMMA, COLON] = [34, 92, 44, 58];
const OPENING = new Set([91, 123]); // [ {
const CLOSING = new Set([93, 125]); // ] }

/** What a body was sent as. */
export interface BodyForm {
  type: 'json' | 'msgpack';
  encoding: string | undefined;
}

/** A body's value. Throws: ApiError 400, 413, 415. */
export async function readBody(
  bytes: Buffer,
  form: BodyForm,
  limits: BodyLimits,
): Promise<unknown> {
  const plain = await decoded(bytes, form.encoding, limits);
  if (plain.length === 0) return undefined;
  const value = form.type === 'json' ? parseJson(plain, limits) : parsePacked(plain);
  checkItems(value, limits);
  return value;
}

/** Throws: ApiError 400, 413, 415. */
async function decoded(
  bytes: Buffer,
  encoding: string | undefined,
  { bytesMax }: BodyLimits,
): Promise<Buffer> {
  if (encoding === undefined || encoding === '' || encoding === 'identity') return bytes;
  if (encoding !== 'gzip' && encoding !== 'x-gzip') {
    const message = `content-encoding ${encoding.slice(0, 40)} is not taken; send gzip or none`;
    throw new ApiError({ status: 415, code: 'unsupported_encoding', message });
  }
  try {
    return await unzip(bytes, { maxOutputLength: bytesMax });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(bytesMax);
    throw malformed('the body is no valid gzip');
  }
}

function parseJson(bytes: Buffer, limits: BodyLimits): unknown {
  checkShape(bytes, limits);
  try {
    return JSON.parse(bytes.toString('utf8')) as unknown;
  } catch {
    throw malformed('the body is no valid JSON');
  }
}

function parsePacked(bytes: Buffer): unknown {
  try {
    return unpackr.unpack(bytes) as unknown;
  } catch {
    throw malformed('the body is no valid MessagePack');
  }
}

/** Counts brackets, commas and colons outside of strings. Throws: ApiError 400. */
function checkShape(bytes: Buffer, { depthMax, itemsMax }: BodyLimits): void {
  let depth = 0;
  let itemCount = 0;
  let isText = false;
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i]!;
    if (isText) {
      if (byte === BACKSLASH) i++;
      else if (byte === QUOTE) isText = false;
    } else if (byte === QUOTE) isText = true;
    else if (byte === COMMA || byte === COLON) itemCount++;
    else if (OPENING.has(byte)) depth++;
    else if (CLOSING.has(byte)) depth--;
    if (depth > depthMax) throw tooDeep(depthMax);
    if (itemCount > itemsMax) throw tooMany(itemsMax);
  }
}

/** The same of a value that is there, and its names. Throws: ApiError 400. */
export function checkItems(root: unknown, { depthMax, itemsMax }: BodyLimits): void {
  let level: unknown[] = [root];
  let itemCount = 0;
  for (let depth = 0; level.length > 0; depth++) {
    const next: unknown[] = [];
    for (const value of level) {
      if (typeof value === 'bigint') throw malformed('a number is larger than JSON holds');
      if (typeof value !== 'object' || value === null) continue;
      if (depth >= depthMax) throw tooDeep(depthMax); // the root is the first of them
      if (Object.hasOwn(value, '__proto__')) throw malformed("the name '__proto__' is not taken");
      for (const item of Array.isArray(value) ? value : Object.values(value)) {
        next.push(item);
        if (++itemCount > itemsMax) throw tooMany(itemsMax);
      }
    }
    level = next;
  }
}

function tooDeep(depthMax: number): ApiError {
  return malformed(`the body is nested more than ${depthMax} deep`);
}

function tooMany(itemsMax: number): ApiError {
  return malformed(`the body has more than ${itemsMax} values`);
}

/** The error of a body that is too large. */
export function tooLarge(bytesMax: number): ApiError {
  const message = `the body is larger than ${bytesMax} bytes`;
  return new ApiError({ status: 413, code: 'request_too_large', message });
}

function malformed(message: string): ApiError {
  return new ApiError({ status: 400, code: 'invalid_body', message });
}
