/**
 * Files in the store: a document and its bytes, written and deleted in one transaction.
 */
import { ApiError } from '../errors/api-error.ts';
import type { Store } from '../store/store.ts';

/** A file as clients see it. */
export interface FileBody {
  id: string;
  object: 'file';
  bytes: number;
  created_at: number;
  expires_at?: number;
  filename: string;
  purpose: string;
  status: 'processed';
}

export const FILE_KIND = 'file';
export const PURPOSES: readonly string[] = [
  'assistants',
  'batch',
  'fine-tune',
  'vision',
  'user_data',
  'evals',
];
const NAME_LENGTH_MAX = 256;

/** A new file's document. */
export function fileBody(
  facts: Pick<FileBody, 'id' | 'bytes' | 'created_at' | 'filename' | 'purpose'>,
  expiresAt?: number,
): FileBody {
  const filename = shownName(facts.filename);
  const expires = expiresAt === undefined ? {} : { expires_at: expiresAt };
  return { object: 'file', status: 'processed', ...facts, filename, ...expires };
}

/** Writes a file whole. */
export function putFile(
  store: Store,
  tenant: string,
  file: FileBody,
  contents: Iterable<Uint8Array>,
): void {
  store.transaction(() => {
    for (const bytes of contents) store.blobs.append({ tenant, owner: file.id }, bytes);
    store.documents.put({ tenant, kind: FILE_KIND, id: file.id }, file, file.expires_at);
  });
}

/** Throws: ApiError 404. */
export function getFile(store: Store, tenant: string, id: string): FileBody {
  const file = store.documents.get<FileBody>({ tenant, kind: FILE_KIND, id });
  if (file !== undefined) return file;
  const message = `no file has the id ${id}`;
  throw new ApiError({ status: 404, code: 'not_found', param: 'file_id', message });
}

/** Throws: ApiError 404. */
export function deleteFile(store: Store, tenant: string, id: string): void {
  getFile(store, tenant, id);
  store.transaction(() => {
    store.documents.delete({ tenant, kind: FILE_KIND, id });
    store.blobs.delete({ tenant, owner: id });
  });
}

/** The last part of what a client called it, without what a terminal or a header would act on. */
function shownName(name: string): string {
  const last = name.split(/[\\/]/).at(-1) ?? '';
  // oxlint-disable-next-line no-control-regex -- control characters are what is taken out
  const plain = last.replaceAll(/[\u0000-\u001f\u007f"]/g, '').slice(0, NAME_LENGTH_MAX);
  return plain === '' || plain === '.' || plain === '..' ? 'file' : plain;
}
