/**
 * Canonical tensors as the tensors of a file: the way back of tensor-table.ts.
 *
 * Most go into a file tensor of their own. Experts are stacked; gate and up may lie in one tensor,
 * one after the other or by turns; some are transposed. What is rearranged is held in memory, one
 * expert at a time.
 */
import {
  assert,
  isVectorName,
  storedRowBytes,
  WEIGHT_TYPES,
  type ModelSpec,
  type WeightType,
} from '@wafer/core';
import type { OutputTensor } from './convert-rows.ts';
import { placeOf, type NameTable, type TensorPlace } from './families/tensor-places.ts';
import { shapeInFile } from './tensor-table.ts';

/** A tensor of a file on its way there. */
export interface FileOutput {
  name: string;
  type: WeightType;
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

/** The file's tensors, in the order in which their first parts come. */
export function fileTensors(
  outputs: readonly OutputTensor[],
  names: NameTable,
  spec: ModelSpec,
): FileOutput[] {
  const members = new Map<string, Member[]>();
  for (const output of outputs) {
    const place = placeOf(names, output.info.name);
    const known = members.get(place.tensor) ?? [];
    known.push({ place, output });
    members.set(place.tensor, known);
  }
  return [...members.values()].map((list) => fileTensor(list, spec));
}

function fileTensor(members: readonly Member[], spec: ModelSpec): FileOutput {
  const [first] = members;
  assert(first !== undefined, 'a tensor has parts');
  const { place, output } = first;
  const shape = shapeInFile(output.info, place, spec);
  const { type } = output.info;
  assert(
    members.every(({ output: { info } }) => info.type === type),
    'parts of a tensor have one type',
    { tensor: place.tensor },
  );
  return {
    name: place.tensor,
    type,
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
  const isVector = isVectorName(first.output.info.name);
  const isByElement = isVector || isTransposed;
  const lineBytes = isByElement ? WEIGHT_TYPES[type].blockBytes : storedRowBytes(type, columns);
  const parts = group.map(collect);
  if (!isTransposed) return write(byTurns(parts, lineBytes));
  const turned = parts.map((bytes) => transpose(bytes, { columns, elementBytes: lineBytes }));
  // Lines of the file are columns of the matrix: those of gate and up side by side, or mixed.
  const lineLength = (turned[0]?.length ?? 0) / columns;
  for (let column = 0; column < columns; column++) {
    const lines = turned.map((bytes) =>
      bytes.subarray(column * lineLength, (column + 1) * lineLength),
    );
    if (isByTurns) write(byTurns(lines, lineBytes));
    else for (const line of lines) write(line);
  }
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

/** Lines of all parts in turn: a0 b0 a1 b1 … */
function byTurns(parts: readonly Uint8Array[], lineBytes: number): Uint8Array {
  const lineCount = (parts[0]?.length ?? 0) / lineBytes;
  const target = new Uint8Array(lineCount * lineBytes * parts.length);
  parts.forEach((bytes, part) => {
    for (let line = 0; line < lineCount; line++) {
      const from = bytes.subarray(line * lineBytes, (line + 1) * lineBytes);
      target.set(from, (line * parts.length + part) * lineBytes);
    }
  });
  return target;
}

/** [rows, columns] as [columns, rows]. */
function transpose(
  bytes: Uint8Array,
  { columns, elementBytes }: { columns: number; elementBytes: number },
): Uint8Array {
  const target = new Uint8Array(bytes.length);
  const rows = bytes.length / columns / elementBytes;
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const from = (row * columns + column) * elementBytes;
      const element = bytes.subarray(from, from + elementBytes);
      target.set(element, (column * rows + row) * elementBytes);
    }
  }
  return target;
}
