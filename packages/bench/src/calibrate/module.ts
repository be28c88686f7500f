/**
 * Kernels that measure the machine, written byte by byte: sums of memory and multiply-adds in
 * registers, in the same 128-bit operations as the real kernels, so that V8 fuses them alike.
 *
 *   sum(address, bytes, result)           accumulators += every vector; then result[i] = them
 *   fma10, fma20(rounds, input, result)   acc = acc * a + b in 10 or 20 chains, 4 per round
 *
 * Ten chains and their factors fit into 16 registers of 128 bits, 20 into as many of 256. V8 fuses
 * what ends in stores side by side, hence a result in memory. `input` holds 20 vectors to start
 * with, then a twice, then b twice.
 *
 * Source: WebAssembly core specification 3.0, binary format (SIMD, relaxed SIMD).
 */

const PAGES_MAX = 65536;

/** What the module exports; addresses and lengths in bytes. */
export interface CeilingKernels {
  /** `byteCount` is a multiple of `SUM_BYTES`, and at least that. */
  sum(address: number, byteCount: number, result: number): void;
  fma10(rounds: number, input: number, result: number): void;
  fma20(rounds: number, input: number, result: number): void;
}

/** Bytes that `sum` reads per turn, and writes as its result. */
export const SUM_BYTES = 128;
/** Vectors of `input` before a and b, and vectors in all. */
export const FMA_START_VECTORS = 20;
export const FMA_INPUT_BYTES: number = (FMA_START_VECTORS + 4) * 16;
/** Multiply-adds per round and chain. */
export const FMA_PER_ROUND = 4;

let compiled: WebAssembly.Module | undefined;

/** The module, compiled once; a revectorizing process compiles it wide. */
export function ceilingModule(): WebAssembly.Module {
  compiled ??= new WebAssembly.Module(new Uint8Array(moduleBytes()));
  return compiled;
}

/** Binds the kernels to a shared memory. */
export function bindCeilings(
  module: WebAssembly.Module,
  memory: WebAssembly.Memory,
): CeilingKernels {
  const instance = new WebAssembly.Instance(module, { e: { m: memory } });
  return instance.exports as unknown as CeilingKernels;
}

// ---- the module, section by section

const [I32, V128, VOID] = [0x7f, 0x7b, 0x40];
const [LOOP, END, BR_IF] = [0x03, 0x0b, 0x0d];
const [CONST, LESS, ADD, SUB] = [0x41, 0x49, 0x6a, 0x6b];
const F32X4_ADD = [0xfd, 0xe4, 0x01];
const RELAXED_MADD = [0xfd, 0x85, 0x02];

function moduleBytes(): number[] {
  const names = ['sum', 'fma10', 'fma20'];
  return [
    [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0], // magic, version
    section(1, [[0x60, 3, I32, I32, I32, 0]]),
    section(2, [[...name('e'), ...name('m'), 2, 3, 0, ...unsigned(PAGES_MAX)]]), // shared memory
    section(3, [[0], [0], [0]]),
    section(
      7,
      names.map((text, index) => [...name(text), 0, index]),
    ),
    section(10, [sumBody(), fmaBody(10), fmaBody(20)]),
  ].flat();
}

function sumBody(): number[] {
  const [address, end, result, first] = [0, 1, 2, 3];
  const count = SUM_BYTES / 16;
  const each = indices(count);
  return functionBody(count, [
    ...[...get(address), ...get(end), ADD, ...set(end)],
    ...[LOOP, VOID],
    ...each.flatMap((i) => [
      ...[...get(first + i), ...get(address), ...load(16 * i), ...F32X4_ADD, ...set(first + i)],
    ]),
    ...[...get(address), CONST, ...signed(SUM_BYTES), ADD, ...set(address)],
    ...[...get(address), ...get(end), LESS, BR_IF, 0, END],
    ...each.flatMap((i) => [...get(result), ...get(first + i), ...store(16 * i)]),
  ]);
}

function fmaBody(chainCount: number): number[] {
  const [rounds, input, result, first] = [0, 1, 2, 3];
  const factor = first + chainCount;
  const chains = indices(chainCount);
  const madd = (i: number): number[] => [
    ...[...get(first + i), ...get(factor + (i % 2)), ...get(factor + 2 + (i % 2))],
    ...[...RELAXED_MADD, ...set(first + i)],
  ];
  const fill = (local: number, vector: number): number[] => [
    ...[...get(input), ...load(16 * vector), ...set(local)],
  ];
  return functionBody(chainCount + 4, [
    ...chains.flatMap((i) => fill(first + i, i)),
    ...indices(4).flatMap((i) => fill(factor + i, FMA_START_VECTORS + i)),
    ...[LOOP, VOID],
    ...indices(FMA_PER_ROUND).flatMap(() => chains.flatMap(madd)),
    ...[...get(rounds), CONST, 1, SUB, 0x22, rounds, BR_IF, 0, END], // tee: again while not 0
    ...chains.flatMap((i) => [...get(result), ...get(first + i), ...store(16 * i)]),
  ]);
}

function indices(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}

function section(id: number, items: number[][]): number[] {
  const body = [items.length, ...items.flat()];
  return [id, ...unsigned(body.length), ...body];
}

function functionBody(vectorLocals: number, code: number[]): number[] {
  const body = [1, vectorLocals, V128, ...code, END];
  return [...unsigned(body.length), ...body];
}

function name(text: string): number[] {
  return [text.length, ...Buffer.from(text)];
}

function get(local: number): number[] {
  return [0x20, local];
}

function set(local: number): number[] {
  return [0x21, local];
}

function load(offset: number): number[] {
  return [0xfd, 0x00, 4, ...unsigned(offset)];
}

function store(offset: number): number[] {
  return [0xfd, 0x0b, 4, ...unsigned(offset)];
}

/** LEB128. */
function unsigned(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...unsigned(value >>> 7)];
}

/** LEB128 of a value that is not negative. */
function signed(value: number): number[] {
  return value < 64 ? [value] : [(value & 127) | 128, ...signed(value >> 7)];
}
