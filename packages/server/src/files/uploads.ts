/**
 * `/v1/uploads`: a large file in parts. Parts are bytes of their own until the upload is completed,
 * which makes a file of those that it names, in that order, or nothing.
 */
import { createHash } from 'node:crypto';
import { ApiError, invalidParam } from '../errors/api-error.ts';
import { CANCELED } from '../http/wire-words.ts';
import { formOf } from '../http/form.ts';
import type { Call, Endpoint } from '../http/route.ts';
import { json } from '../http/route.ts';
import { idMaker } from '../requests/ids.ts';
import type { Services } from '../services.ts';
import type { Store } from '../store/store.ts';
import { fileBody, putFile } from './file-store.ts';
import type { FileBody } from './file-store.ts';
import { checkPurpose, expiryOf } from './files.ts';

interface UploadBody {
  id: string;
  object: 'upload';
  bytes: number;
  created_at: number;
  expires_at: number;
  filename: string;
  purpose: string;
  status: 'pending' | 'completed' | typeof CANCELED | 'expired';
  file: FileBody | null;
}

/** An upload with what clients do not see. */
interface StoredUpload {
  upload: UploadBody;
  parts: Record<string, number>;
  keepSeconds: number | undefined;
}

const KIND = 'upload';
const PATH = '/v1/uploads';
const OPEN_SECONDS = 3600;
const KEEP_SECONDS = 24 * 3600;
const UPLOAD_BYTES_MAX = 128 * 2 ** 20;

const CREATE: Endpoint<Services> = {
  method: 'POST',
  path: PATH,
  summary: 'Begins an upload in parts',
  access: 'user',
  body: {
    type: 'object',
    required: ['bytes', 'filename', 'mime_type', 'purpose'],
    properties: {
      bytes: { type: 'integer', minimum: 0, maximum: UPLOAD_BYTES_MAX },
      filename: { type: 'string', maxLength: 256 },
      mime_type: { type: 'string', maxLength: 128 },
      purpose: { type: 'string', maxLength: 64 },
      expires_after: {
        type: 'object',
        required: ['anchor', 'seconds'],
        properties: { anchor: { const: 'created_at' }, seconds: { type: 'integer' } },
        additionalProperties: false,
      },
    },
    additionalProperties: false,
  },
  handler: ({ body, caller }, services) => {
    const asked = body as Pick<UploadBody, 'bytes' | 'filename' | 'purpose'> & {
      expires_after?: { seconds: number };
    };
    const now = services.nowSeconds();
    const keepSeconds = asked.expires_after?.seconds;
    expiryOf(keepSeconds, now);
    const { bytes, filename } = asked;
    const upload: UploadBody = {
      ...{ id: idMaker(services)('upload'), object: 'upload', bytes, created_at: now, filename },
      purpose: checkPurpose(asked.purpose),
      ...{ expires_at: now + OPEN_SECONDS, status: 'pending', file: null },
    };
    const stored: StoredUpload = { upload, parts: {}, keepSeconds };
    const key = { tenant: caller.tenant, kind: KIND, id: upload.id };
    services.store.documents.put(key, stored, now + KEEP_SECONDS);
    return json(upload);
  },
};

/** An upload that takes parts. Throws: ApiError 400, 404. */
function pending({ caller, params }: Call, { store, nowSeconds }: Services): StoredUpload {
  const id = params['id'] ?? '';
  const stored = store.documents.get<StoredUpload>({ tenant: caller.tenant, kind: KIND, id });
  if (stored === undefined) {
    const message = `no upload has the id ${id}`;
    throw new ApiError({ status: 404, code: 'not_found', param: 'upload_id', message });
  }
  const { status, expires_at: expiresAt } = stored.upload;
  const shown = status === 'pending' && nowSeconds() >= expiresAt ? 'expired' : status;
  if (shown === 'pending') return stored;
  throw new ApiError({ status: 400, code: 'upload_closed', message: `the upload is ${shown}` });
}

const PART: Endpoint<Services> = {
  method: 'POST',
  path: `${PATH}/:id/parts`,
  summary: 'Adds a part to an upload',
  access: 'user',
  handler: (call, services) => {
    const form = formOf(call.body);
    form.known(new Set());
    const { bytes } = form.file('data');
    const { store } = services;
    const { tenant } = call.caller;
    const id = idMaker(services)('part');
    return store.transaction(() => {
      const stored = pending(call, services);
      const { upload, parts } = stored;
      const sum = Object.values(parts).reduce((total, one) => total + one, bytes.length);
      if (sum > UPLOAD_BYTES_MAX) throw invalidParam('data', 'the parts are too large together');
      store.blobs.append({ tenant, owner: `${upload.id}/${id}` }, bytes);
      const changed = { ...stored, parts: { ...parts, [id]: bytes.length } };
      store.documents.update({ tenant, kind: KIND, id: upload.id }, () => changed);
      const created = services.nowSeconds();
      return json({ id, object: 'upload.part', created_at: created, upload_id: upload.id });
    });
  },
};

const COMPLETE: Endpoint<Services> = {
  method: 'POST',
  path: `${PATH}/:id/complete`,
  summary: 'Makes a file of parts',
  access: 'user',
  body: {
    type: 'object',
    required: ['part_ids'],
    properties: {
      part_ids: { type: 'array', maxItems: 10_000, items: { type: 'string', maxLength: 64 } },
      md5: { type: 'string', maxLength: 64 },
    },
    additionalProperties: false,
  },
  handler: (call, services) => {
    const { store } = services;
    const { tenant } = call.caller;
    return store.transaction(() => {
      const stored = pending(call, services);
      const { upload, keepSeconds } = stored;
      checkParts(store, tenant, stored, call.body as { part_ids: string[]; md5?: string });
      const { part_ids: ids } = call.body as { part_ids: string[] };
      const now = services.nowSeconds();
      const { bytes, filename, purpose } = upload;
      const facts = { id: idMaker(services)('file'), bytes, created_at: now, filename, purpose };
      const file = fileBody(facts, expiryOf(keepSeconds, now));
      putFile(store, tenant, file, piecesOf(store, tenant, upload.id, ids));
      const done: UploadBody = { ...upload, status: 'completed', file };
      close(store, tenant, stored, done);
      return json(done);
    });
  },
};

function* piecesOf(
  store: Store,
  tenant: string,
  upload: string,
  ids: readonly string[],
): Generator<Uint8Array> {
  for (const id of ids) yield* store.blobs.chunks({ tenant, owner: `${upload}/${id}` });
}

/** Throws: ApiError 400 for parts that are not of this upload, or not what was announced. */
function checkParts(
  store: Store,
  tenant: string,
  { upload, parts }: StoredUpload,
  { part_ids: ids, md5 }: { part_ids: string[]; md5?: string },
): void {
  const isOwn = (id: string): boolean => Object.hasOwn(parts, id);
  if (new Set(ids).size < ids.length || !ids.every(isOwn)) {
    throw invalidParam('part_ids', 'name parts of this upload, each once');
  }
  const sum = ids.reduce((total, id) => total + parts[id]!, 0);
  if (sum !== upload.bytes) {
    throw invalidParam('part_ids', `the parts have ${sum} bytes, announced were ${upload.bytes}`);
  }
  if (md5 === undefined) return;
  const hash = createHash('md5');
  for (const piece of piecesOf(store, tenant, upload.id, ids)) hash.update(piece);
  const digest = hash.digest('hex');
  if (digest !== md5.toLowerCase()) throw invalidParam('md5', `the parts have MD5 ${digest}`);
}

/** Writes how an upload ended; the bytes of its parts go. */
function close(store: Store, tenant: string, stored: StoredUpload, upload: UploadBody): void {
  store.blobs.delete({ tenant, owner: upload.id });
  const closed = { ...stored, parts: {}, upload };
  store.documents.update({ tenant, kind: KIND, id: upload.id }, () => closed);
}

const CANCEL: Endpoint<Services> = {
  method: 'POST',
  path: `${PATH}/:id/cancel`,
  summary: 'Ends an upload',
  access: 'user',
  handler: (call, services) =>
    services.store.transaction(() => {
      const stored = pending(call, services);
      const upload: UploadBody = { ...stored.upload, status: CANCELED };
      close(services.store, call.caller.tenant, stored, upload);
      return json(upload);
    }),
};

export const UPLOADS: readonly Endpoint<Services>[] = [CREATE, PART, COMPLETE, CANCEL];
