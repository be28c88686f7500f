/**
 * The header of a safetensors file: names, types, shapes and places of its tensors.
 *
 *   8 bytes: header length (little endian) · JSON header · tensor data
 *
 * The data must be covered exactly: tensors neither overlap nor leave holes, as the format asks.
 * Names must be unique, which JSON.parse alone would not see.
 *
 * Source: the safetensors format description.
 */
import { countJson, isObject, parseJsonObject, WaferError } from '@wafer/core';
import type { WeightType } from '@wafer/core';
import { refuseOtherFile } from '../source/file-kinds.ts';
import { readFully, type OpenFile } from '../source/files.ts';
import type { StoredTensor } from '../source/source.ts';

/** The longest header, as in the reference reader. */
export const SAFETENSORS_HEADER_BYTES_MAX = 100_000_000;

/** Bits per element of every dtype of the format. */
const DTYPE_BITS: ReadonlyMap<string, number> = new Map([
  ['BOOL', 8],
  ['U8', 8],
  ['I8', 8],
  ['F8_E5M2', 8],
  ['F8_E4M3', 8],
  ['F8_E8M0', 8],
  ['F4', 4],
  ['F6_E2M3', 6],
  ['F6_E3M2', 6],
  ['I16', 16],
  ['U16', 16],
  ['F16', 16],
  ['BF16', 16],
  ['I32', 32],
  ['U32', 32],
  ['F32', 32],
  ['F64', 64],
  ['I64', 64],
  ['U64', 64],
  ['C64', 64],
]);

const WEIGHT_DTYPES: ReadonlyMap<string, WeightType> = new Map([
  ['F32', 'f32'],
  ['F16', 'f16'],
  ['BF16', 'bf16'],
]);

type Fail = (reason: string) => WaferError;

interface Span {
  name: string;
  start: number;
  end: number;
}

/** Reads and checks a header; tensors by name. Throws: SAFETENSORS_INVALID, MODEL_KIND. */
export function readSafetensors(file: OpenFile, fileIndex: number): Map<string, StoredTensor> {
  const fail: Fail = (reason) => new WaferError('SAFETENSORS_INVALID', { path: file.path, reason });
  refuseOtherFile(file, 'safetensors');
  const text = readHeader(file, fail);
  const header = parseJsonObject(text, (reason) => fail(`its header is ${reason}`));
  const names = Object.keys(header);
  if (countJson(text).names !== names.length) throw fail('its header names a tensor twice');
  const dataStart = 8 + Buffer.byteLength(text);
  const tensors = new Map<string, StoredTensor>();
  const spans: Span[] = [];
  for (const name of names) {
    if (name === '__metadata__') continue;
    const { tensor, span } = readEntry(name, header[name], fail);
    tensors.set(name, { ...tensor, fileIndex, offset: dataStart + span.start });
    spans.push(span);
  }
  checkCover(spans, file.byteCount - dataStart, fail);
  return tensors;
}

function readHeader(file: OpenFile, fail: Fail): string {
  if (file.byteCount < 10) throw fail(`it has ${file.byteCount} bytes`);
  const start = new Uint8Array(8);
  readFully(file, 0, start);
  const length = new DataView(start.buffer).getBigUint64(0, true);
  if (length > BigInt(file.byteCount - 8)) throw fail(`its header claims ${length} bytes`);
  if (length > SAFETENSORS_HEADER_BYTES_MAX) throw fail(`its header has ${length} bytes`);
  const bytes = new Uint8Array(Number(length));
  readFully(file, 8, bytes);
  if (bytes[0] !== 0x7b) throw fail('its header does not start with {');
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw fail('its header is no UTF-8');
  }
}

function readEntry(
  name: string,
  entry: unknown,
  fail: Fail,
): { tensor: Omit<StoredTensor, 'fileIndex' | 'offset'>; span: Span } {
  const label = name.length > 64 ? `${name.slice(0, 64)}…` : name;
  if (!isObject(entry)) throw fail(`tensor ${label} is described by no object`);
  const { dtype, shape, data_offsets: offsets } = entry;
  const bits = typeof dtype === 'string' ? DTYPE_BITS.get(dtype) : undefined;
  if (typeof dtype !== 'string' || bits === undefined) {
    throw fail(`tensor ${label} has unknown dtype ${String(dtype).slice(0, 32)}`);
  }
  if (!isSizes(shape) || shape.length > 8) throw fail(`tensor ${label} has no proper shape`);
  if (!isSizes(offsets) || offsets.length !== 2) throw fail(`tensor ${label} has no data_offsets`);
  const [start = 0, end = 0] = offsets;
  const elementCount = shape.reduce((product, size) => product * size, 1);
  const byteCount = (elementCount * bits) / 8;
  if (!Number.isSafeInteger(elementCount) || end - start !== byteCount) {
    throw fail(`tensor ${label} needs ${byteCount} bytes, its offsets hold ${end - start}`);
  }
  return {
    tensor: { shape, typeName: dtype, type: WEIGHT_DTYPES.get(dtype) },
    span: { name: label, start, end },
  };
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);
}

/** The tensors must cover the data without overlaps and holes. */
function checkCover(spans: Span[], dataBytes: number, fail: Fail): void {
  spans.sort((a, b) => a.start - b.start || a.end - b.end);
  let end = 0;
  for (const span of spans) {
    if (span.start < end) throw fail(`tensor ${span.name} overlaps another`);
    if (span.start > end) throw fail(`bytes ${end} to ${span.start} belong to no tensor`);
    end = span.end;
  }
  if (end > dataBytes) throw fail(`tensors need ${end} bytes of data, there are ${dataBytes}`);
  if (end < dataBytes) throw fail(`bytes ${end} to ${dataBytes} belong to no tensor`);
}
