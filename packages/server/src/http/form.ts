/**
 * Bodies of the type multipart/form-data: fields and files, bounded in count and bytes.
 */
import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import { Busboy } from '@fastify/busboy';
import type { BusboyHeaders } from '@fastify/busboy';
import { ApiError, invalidParam } from '../errors/api-error.ts';

/** A file of a form. */
export interface FormFile {
  /** What the client calls it; never used as a path. */
  name: string;
  bytes: Buffer;
}

export class FormBody {
  readonly fields: Map<string, string> = new Map();
  readonly files: Map<string, FormFile> = new Map();

  /** Throws: ApiError 400. */
  file(name: string): FormFile {
    const file = this.files.get(name);
    if (file !== undefined) return file;
    const message = `missing required parameter: '${name}'`;
    throw invalidParam(name, message, 'missing_required_parameter');
  }

  /** Fields by name; refuses those that are not in `known`. Throws: ApiError 400. */
  known(known: ReadonlySet<string>): ReadonlyMap<string, string> {
    for (const name of this.fields.keys()) {
      if (known.has(name)) continue;
      const param = name.slice(0, 100);
      const message = `unrecognized request argument supplied: ${param}`;
      throw invalidParam(param, message, 'unknown_parameter');
    }
    return this.fields;
  }
}

const LIMITS = { fields: 32, files: 1, parts: 40, headerPairs: 32, headerSize: 8192 };
const FIELD_BYTES_MAX = 64 * 1024;
/** Boundaries and headers beside the file. */
const OVERHEAD_BYTES = 2 ** 20;

/** Reads a form. Throws: ApiError 400, 413. */
export function readForm(
  payload: Readable,
  headers: IncomingHttpHeaders,
  fileBytesMax: number,
): Promise<FormBody> {
  return new Promise((resolve, reject) => {
    const form = new FormBody();
    const fail = (error: ApiError): void => {
      payload.unpipe();
      payload.resume();
      reject(error);
    };
    let busboy: InstanceType<typeof Busboy>;
    try {
      const limits = { ...LIMITS, fieldSize: FIELD_BYTES_MAX, fileSize: fileBytesMax };
      busboy = new Busboy({ headers: headers as BusboyHeaders, limits });
    } catch {
      fail(malformed('it has no boundary'));
      return;
    }
    let byteCount = 0;
    payload.on('data', (chunk: Buffer) => {
      byteCount += chunk.length;
      if (byteCount > fileBytesMax + OVERHEAD_BYTES) fail(tooLarge(fileBytesMax));
    });
    payload.on('error', () => fail(malformed('it ended early')));
    for (const limit of ['partsLimit', 'filesLimit', 'fieldsLimit'] as const) {
      busboy.on(limit, () => fail(malformed('it has too many parts')));
    }
    busboy.on('field', (name, value, isNameCut, isValueCut) => {
      if (isNameCut || isValueCut) fail(malformed('a field is too long'));
      else form.fields.set(name, value);
    });
    busboy.on('file', (field, stream, name) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('limit', () => fail(tooLarge(fileBytesMax)));
      stream.on('end', () => form.files.set(field, { name, bytes: Buffer.concat(chunks) }));
    });
    busboy.on('error', () => fail(malformed('it is not well-formed')));
    busboy.on('finish', () => resolve(form));
    payload.pipe(busboy);
  });
}

/** The form of a call. Throws: ApiError 415. */
export function formOf(body: unknown): FormBody {
  if (body instanceof FormBody) return body;
  const message = 'send the body as multipart/form-data';
  throw new ApiError({ status: 415, code: 'unsupported_media_type', message });
}

function malformed(reason: string): ApiError {
  return new ApiError({ status: 400, code: 'invalid_body', message: `the form: ${reason}` });
}

function tooLarge(bytesMax: number): ApiError {
  const message = `a file has at most ${bytesMax} bytes; larger ones go in parts, /v1/uploads`;
  return new ApiError({ status: 413, code: 'request_too_large', message });
}
