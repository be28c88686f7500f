/**
 * `/v1/files`: what clients upload, and what batches write.
 */
import { invalidParam } from '../errors/api-error.ts';
import { formOf } from '../http/form.ts';
import { listBody, PAGE_PROPERTIES, pageOptions } from '../http/paging.ts';
import type { Endpoint } from '../http/route.ts';
import { json } from '../http/route.ts';
import { idMaker } from '../requests/ids.ts';
import { ANY_BYTES } from '../http/wire-words.ts';
import type { Services } from '../services.ts';
import { deleteFile, FILE_KIND, fileBody, getFile, PURPOSES, putFile } from './file-store.ts';
import type { FileBody } from './file-store.ts';

const PATH = '/v1/files';
const FIELDS = new Set(['purpose', 'expires_after[anchor]', 'expires_after[seconds]']);
const [EXPIRES_MIN, EXPIRES_MAX] = [3600, 30 * 24 * 3600];

/** When a file goes that is to be kept for so many seconds. Throws: ApiError 400. */
export function expiryOf(seconds: unknown, nowSeconds: number): number | undefined {
  if (seconds === undefined) return undefined;
  const count = Number(seconds);
  if (Number.isInteger(count) && count >= EXPIRES_MIN && count <= EXPIRES_MAX) {
    return nowSeconds + count;
  }
  const range = `between ${EXPIRES_MIN} and ${EXPIRES_MAX}`;
  throw invalidParam('expires_after.seconds', `'expires_after.seconds' is to be ${range}`);
}

/** Throws: ApiError 400. */
export function checkPurpose(purpose: string | undefined): string {
  if (purpose !== undefined && PURPOSES.includes(purpose)) return purpose;
  throw invalidParam('purpose', `'purpose' is to be one of ${PURPOSES.join(', ')}`);
}

const CREATE: Endpoint<Services> = {
  method: 'POST',
  path: PATH,
  summary: 'Uploads a file',
  access: 'user',
  handler: ({ body, caller }, services) => {
    const form = formOf(body);
    const fields = form.known(FIELDS);
    const purpose = checkPurpose(fields.get('purpose'));
    const now = services.nowSeconds();
    const expiresAt = expiryOf(fields.get('expires_after[seconds]'), now);
    const { name, bytes } = form.file('file');
    const id = idMaker(services)('file');
    const facts = { id, bytes: bytes.length, created_at: now, filename: name, purpose };
    const file = fileBody(facts, expiresAt);
    putFile(services.store, caller.tenant, file, [bytes]);
    return json(file);
  },
};

const LIST: Endpoint<Services> = {
  method: 'GET',
  path: PATH,
  summary: 'Lists files',
  access: 'user',
  query: {
    type: 'object',
    properties: { ...PAGE_PROPERTIES, purpose: { type: 'string', maxLength: 64 } },
    additionalProperties: false,
  },
  handler: ({ caller, query }, { store }) => {
    const { purpose } = query;
    const page = store.documents.list<FileBody>(
      { tenant: caller.tenant, kind: FILE_KIND },
      {
        ...pageOptions(query, { order: 'desc', limit: 10_000, limitMax: 10_000 }),
        filter: (file) => purpose === undefined || file.purpose === purpose,
      },
    );
    return json(listBody(page));
  },
};

const GET: Endpoint<Services> = {
  method: 'GET',
  path: `${PATH}/:id`,
  summary: 'Tells of a file',
  access: 'user',
  handler: ({ caller, params }, { store }) =>
    json(getFile(store, caller.tenant, params['id'] ?? '')),
};

const DELETE: Endpoint<Services> = {
  method: 'DELETE',
  path: `${PATH}/:id`,
  summary: 'Deletes a file',
  access: 'user',
  handler: ({ caller, params }, { store }) => {
    const id = params['id'] ?? '';
    deleteFile(store, caller.tenant, id);
    return json({ id, object: 'file', deleted: true });
  },
};

const CONTENT: Endpoint<Services> = {
  method: 'GET',
  path: `${PATH}/:id/content`,
  summary: 'Gets the bytes of a file',
  access: 'user',
  handler: ({ caller, params }, { store }) => {
    const { id } = getFile(store, caller.tenant, params['id'] ?? '');
    const body = store.blobs.read({ tenant: caller.tenant, owner: id });
    // Never as something that a browser would show.
    const headers = { 'content-disposition': 'attachment', 'x-content-type-options': 'nosniff' };
    return { kind: 'bytes', body, type: ANY_BYTES, headers };
  },
};

export const FILES: readonly Endpoint<Services>[] = [CREATE, LIST, GET, DELETE, CONTENT];
