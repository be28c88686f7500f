/**
 * Canonical tensors as the tensors of a file: the way back of tensor-table.ts.
 *
 * Most go into a file tensor of their own. Experts are stacked; gate and up may lie in one tensor,
 * one after the other or by turns; some are transposed. What is rearranged is held in memory, one
 * expert at a time.
 */
import {
  assert,
  isVector,
  storedRowBytes,
  WEIGHT_TYPES,
  type ModelSpec,
  type WeightType,
} from '@wafer/core';
import type { OutputTensor } from './convert-rows.ts';
import { placeOf, type NameTable, type TensorPlace } from '../families/tensor-places.ts';
import { shapeInFile } from '../open/tensor-table.ts';

/** A tensor of a file on its way there. */
export interface FileOutput {
  name: string;
  type: WeightType;
  /** What safetensors call its elements, where that is not the name of the type. */
  dtype?: string;
  /** Outermost first. */
  shape: number[];
  bytes: number;
  writeTo(write: Write): void;
}

type Write = (bytes: Uint8Array) => void;

interface Member {
  place: TensorPlace;
  output: OutputTensor;
}

/** The file's tensors, in the order of their first parts. Throws what `refuse` makes. */
export function fileTensors(
  outputs: readonly OutputTensor[],
  format: { names: NameTable; refuse: (reason: string) => Error },
  spec: ModelSpec,
): FileOutput[] {
  const members = new Map<string, Member[]>();
  for (const output of outputs) {
    const { name, role } = output.info;
    const place = placeOf(format.names, role);
    if (place === undefined) throw format.refuse(`${spec.family} files have no tensor ${name}`);
    const { type } = output.info;
    const known = members.get(place.tensor) ?? [];
    const other = known[0]?.output.info.type ?? type;
    if (other !== type) throw format.refuse(`${place.tensor} would hold ${other} and ${type}`);
    known.push({ place: placeOfType(place, type), output });
    members.set(place.tensor, known);
  }
  return [...members.values()].map((list) => fileTensor(list, spec));
}

/** Blocks are never transposed: where a folder packs experts, their rows stay rows. */
function placeOfType(place: TensorPlace, type: WeightType): TensorPlace {
  if (WEIGHT_TYPES[type].blockColumns === 1) return place;
  const { isTransposed: _, ...rest } = place;
  return rest;
}

/** Cuts tensors, in order, into at most `count` runs of about equal bytes. */
export function cutTensors(tensors: readonly FileOutput[], count: number): FileOutput[][] {
  const total = tensors.reduce((sum, tensor) => sum + tensor.bytes, 0);
  const runs: FileOutput[][] = Array.from({ length: count }, () => []);
  let passed = 0;
  for (const tensor of tensors) {
    const middle = passed + tensor.bytes / 2;
    runs[Math.min(count - 1, Math.floor((middle / total) * count))]?.push(tensor);
    passed += tensor.bytes;
  }
  return runs.filter((run) => run.length > 0);
}

function fileTensor(members: readonly Member[], spec: ModelSpec): FileOutput {
  const [first] = members;
  assert(first !== undefined, 'a tensor has parts');
  const { place, output } = first;
  const shape = shapeInFile(output.info, place, spec);
  return {
    name: place.tensor,
    type: output.info.type,
    shape,
    bytes: members.reduce((sum, member) => sum + bytesOf(member), 0),
    writeTo: (write) => {
      for (const group of groupsOf(members)) writeGroup(group, write);
    },
  };
}

/** What lies together: gate and up of one expert, or a single part. */
function groupsOf(members: readonly Member[]): Member[][] {
  const groups = new Map<number, Member[]>();
  for (const member of members) {
    const group = groups.get(member.place.expert) ?? [];
    group[member.place.fusion?.part ?? 0] = member;
    groups.set(member.place.expert, group);
  }
  return [...groups].toSorted(([a], [b]) => a - b).map(([, group]) => group);
}

function writeGroup(group: readonly Member[], write: Write): void {
  const [first] = group;
  assert(first !== undefined, 'a group has a part');
  const { isTransposed = false, fusion } = first.place;
  const isByTurns = fusion?.by === 'turns' && group.length > 1;
  if (!isTransposed && !isByTurns) {
    for (const { output } of group) output.writeTo(write);
    return;
  }
  const { type, columns } = first.output.info;
  const isByElement = isTransposed || isVector(first.output.info);
  const lineBytes = isByElement ? WEIGHT_TYPES[type].blockBytes : storedRowBytes(type, columns);
  const parts = group.map(collect);
  const count = (parts[0]?.length ?? 0) / lineBytes / (isTransposed ? columns : 1);
  const target = new Uint8Array(lineBytes * count * (isTransposed ? columns : 1) * parts.length);
  parts.forEach((bytes, part) => {
    // Lines are rows, or elements; where lie those of this part, and how far apart?
    const step = isByTurns ? parts.length : 1;
    const start = isByTurns ? part : part * count;
    const lines = { start, step, count, lineBytes };
    if (isTransposed)
      placeTransposed(bytes, target, { ...lines, columns, perColumn: count * parts.length });
    else placeLines(bytes, target, lines);
  });
  write(target);
}

function bytesOf({ output: { info } }: Member): number {
  return info.rows * storedRowBytes(info.type, info.columns);
}

function collect(member: Member): Uint8Array {
  const bytes = new Uint8Array(bytesOf(member));
  let filled = 0;
  member.output.writeTo((piece) => {
    bytes.set(piece, filled);
    filled += piece.length;
  });
  return bytes;
}

/** Where a part's lines go: line i to start + i · step. */
interface Lines {
  start: number;
  step: number;
  count: number;
  lineBytes: number;
}

function placeLines(bytes: Uint8Array, target: Uint8Array, lines: Lines): void {
  const { start, step, count, lineBytes } = lines;
  for (let line = 0; line < count; line++) {
    const from = bytes.subarray(line * lineBytes, (line + 1) * lineBytes);
    target.set(from, (start + line * step) * lineBytes);
  }
}

/** Row r, column c of a part goes to element start + r · step of the target's line c. */
function placeTransposed(
  bytes: Uint8Array,
  target: Uint8Array,
  lines: Lines & { columns: number; perColumn: number },
): void {
  const { start, step, count, lineBytes, columns, perColumn } = lines;
  const [from, to] =
    lineBytes === 4 ? [words(bytes), words(target)] : [halves(bytes), halves(target)];
  for (let row = 0; row < count; row++) {
    for (let column = 0; column < columns; column++) {
      to[column * perColumn + start + row * step] = from[row * columns + column] ?? 0;
    }
  }
}

function words(bytes: Uint8Array): Uint32Array {
  return new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
}

function halves(bytes: Uint8Array): Uint16Array {
  return new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.length / 2);
}
