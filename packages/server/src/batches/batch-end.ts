/**
 * The end of a batch: its files and its last state, in one transaction. Lines that were not asked
 * are told of in the file of errors.
 */
import { CANCELED, CANCELED_AT } from '../http/wire-words.ts';
import { fileBody, putFile } from '../files/file-store.ts';
import { idMaker } from '../requests/ids.ts';
import type { Services } from '../services.ts';
import { BATCH_KIND, isOpen } from './batch-body.ts';
import type { BatchBody, BatchLine } from './batch-body.ts';

/** Writes what became of a batch, once. */
export function endBatch(
  services: Services,
  of: { tenant: string; batch: string; lines: readonly BatchLine[] },
): void {
  const { store, nowSeconds } = services;
  const { tenant, batch } = of;
  const key = { tenant, kind: BATCH_KIND, id: batch };
  store.transaction(() => {
    const body = store.documents.get<BatchBody>(key);
    if (body === undefined || !isOpen(body)) return;
    const done = store.lines.done({ tenant, batch });
    const isCanceled = body.status === 'cancelling';
    if (done.size < of.lines.length) addUnasked(services, of, done, isCanceled);
    const counts = store.lines.counts({ tenant, batch });
    const output = writeLines(services, of, { isError: false });
    const errors = writeLines(services, of, { isError: true });
    const now = nowSeconds();
    const status = isCanceled
      ? { status: CANCELED, [CANCELED_AT]: now }
      : done.size < of.lines.length
        ? { status: 'expired' as const, expired_at: now }
        : { status: 'completed' as const, completed_at: now };
    store.documents.put(key, {
      ...{ ...body, finalizing_at: now, ...status },
      ...(output === undefined ? {} : { output_file_id: output }),
      ...(errors === undefined ? {} : { error_file_id: errors }),
      request_counts: { total: of.lines.length, ...counts },
    } satisfies BatchBody);
    store.lines.delete({ tenant, batch });
  });
}

function addUnasked(
  services: Services,
  { tenant, batch, lines }: { tenant: string; batch: string; lines: readonly BatchLine[] },
  done: ReadonlySet<number>,
  isCanceled: boolean,
): void {
  const newId = idMaker(services);
  const error = isCanceled
    ? { code: `batch_${CANCELED}`, message: 'the batch was canceled before this line was answered' }
    : { code: 'batch_expired', message: 'the batch expired before this line was answered' };
  lines.forEach(({ custom_id }, line) => {
    if (done.has(line)) return;
    const body = { id: newId('batch_req'), custom_id, response: null, error };
    services.store.lines.add({ tenant, batch }, { line, isError: true, body });
  });
}

/** The file's id; undefined if there are no such lines. */
function writeLines(
  services: Services,
  { tenant, batch }: { tenant: string; batch: string },
  { isError }: { isError: boolean },
): string | undefined {
  const { store } = services;
  const id = idMaker(services)('file');
  let byteCount = 0;
  const owner = { tenant, owner: id };
  for (const line of store.lines.read({ tenant, batch }, { isError })) {
    const bytes = Buffer.from(`${line}\n`);
    byteCount += bytes.length;
    store.blobs.append(owner, bytes);
  }
  if (byteCount === 0) return undefined;
  const filename = `${batch}_${isError ? 'error' : 'output'}.jsonl`;
  const facts = { id, bytes: byteCount, created_at: services.nowSeconds(), filename };
  putFile(store, tenant, fileBody({ ...facts, purpose: 'batch_output' }), []);
  return id;
}
