/**
 * Copies between the memories of two tiles, without a view or an object per message.
 *
 * A module of 2 memories, written byte by byte: AssemblyScript knows one memory only. Both
 * functions are `memory.copy` from memory 0 (source) to memory 1 (target); `copyRows` repeats it
 * per row.
 *
 * Source: WebAssembly core specification 3.0, binary format (multiple memories).
 */
import { MEMORY_PAGES_MAX } from './instantiate.ts';

/** Copies from one tile's memory to another's. Addresses and lengths in bytes. */
export interface CopyKernel {
  copy(targetAddress: number, sourceAddress: number, byteCount: number): void;
  copyRows(
    targetAddress: number,
    targetStrideBytes: number,
    sourceAddress: number,
    sourceStrideBytes: number,
    rowBytes: number,
    rowCount: number,
  ): void;
}

let compiled: WebAssembly.Module | undefined;

/** By source, then target: two tiles may be joined by several channels. */
const copiers = new WeakMap<WebAssembly.Memory, WeakMap<WebAssembly.Memory, CopyKernel>>();

/** Binds the copy module to two shared memories; they may be the same one. */
export function createCopier(source: WebAssembly.Memory, target: WebAssembly.Memory): CopyKernel {
  const targets = copiers.get(source) ?? new WeakMap<WebAssembly.Memory, CopyKernel>();
  copiers.set(source, targets);
  const copier = targets.get(target) ?? bindCopier(source, target);
  targets.set(target, copier);
  return copier;
}

function bindCopier(source: WebAssembly.Memory, target: WebAssembly.Memory): CopyKernel {
  compiled ??= new WebAssembly.Module(new Uint8Array(copyModule()));
  const instance = new WebAssembly.Instance(compiled, { s: { m: source }, t: { m: target } });
  return instance.exports as unknown as CopyKernel;
}

// ---- the module, section by section

const I32 = 0x7f;
const VOID = 0x40;
const [BLOCK, LOOP, END, BR, BR_IF] = [0x02, 0x03, 0x0b, 0x0c, 0x0d];
const [CONST, EQZ, ADD, SUB] = [0x41, 0x45, 0x6a, 0x6b];
const MEMORY_COPY = [0xfc, 0x0a, 1, 0]; // to memory 1 from memory 0

function copyModule(): number[] {
  return [
    [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0], // magic, version
    section(1, [signature(3), signature(6)]),
    section(2, [memoryImport('s'), memoryImport('t')]),
    section(3, [[0], [1]]),
    section(7, [functionExport('copy', 0), functionExport('copyRows', 1)]),
    section(10, [functionBody(copyCode()), functionBody(copyRowsCode())]),
  ].flat();
}

/** memory.copy(target, source, byteCount) */
function copyCode(): number[] {
  return [localGet(0), localGet(1), localGet(2), MEMORY_COPY].flat();
}

/** while (rowCount) { copy one row; advance both addresses; rowCount-- } */
function copyRowsCode(): number[] {
  const [target, targetStride, source, sourceStride, rowBytes, rowCount] = [0, 1, 2, 3, 4, 5];
  return [
    [BLOCK, VOID, LOOP, VOID],
    [localGet(rowCount), EQZ, BR_IF, 1].flat(), // out, when no row is left
    [localGet(target), localGet(source), localGet(rowBytes), MEMORY_COPY].flat(),
    [localGet(target), localGet(targetStride), ADD, localSet(target)].flat(),
    [localGet(source), localGet(sourceStride), ADD, localSet(source)].flat(),
    [localGet(rowCount), CONST, 1, SUB, localSet(rowCount)].flat(),
    [BR, 0, END, END], // again; end of loop, end of block
  ].flat();
}

function section(id: number, items: number[][]): number[] {
  const body = [items.length, ...items.flat()];
  return [id, ...unsigned(body.length), ...body];
}

function signature(parameterCount: number): number[] {
  return [0x60, parameterCount, ...new Array<number>(parameterCount).fill(I32), 0];
}

function memoryImport(module: string): number[] {
  const [kind, isShared] = [2, 3];
  return [...name(module), ...name('m'), kind, isShared, 0, ...unsigned(MEMORY_PAGES_MAX)];
}

function functionExport(text: string, index: number): number[] {
  return [...name(text), 0, index];
}

function functionBody(code: number[]): number[] {
  const body = [0, ...code, END]; // no locals
  return [...unsigned(body.length), ...body];
}

function name(text: string): number[] {
  return [text.length, ...Buffer.from(text)];
}

function localGet(index: number): number[] {
  return [0x20, index];
}

function localSet(index: number): number[] {
  return [0x21, index];
}

/** LEB128. */
function unsigned(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...unsigned(value >>> 7)];
}
