/**
 * The programs of a tile, and how their instructions are counted.
 *
 * A step names the program that every tile walks, top to bottom. Programs share buffers, channels
 * and the instructions that are in several of them; any may follow any.
 *
 *     infer    all layers and the head: something is wanted of a row
 *     extend   nothing is wanted: rows enter the KV cache, so the last layer ends with attention
 */
import { assert } from '../errors.ts';
import type { Instruction } from '../ops/ops.ts';

/** In the order in which records number them. */
export const PROGRAM_NAMES = ['infer', 'extend'] as const;
export type ProgramName = (typeof PROGRAM_NAMES)[number];

/** Its number in a step record. */
export const PROGRAM_INDEX: Readonly<Record<ProgramName, number>> = { infer: 0, extend: 1 };

export type Programs = Readonly<Record<ProgramName, readonly Instruction[]>>;

/** The program of a step, by how many outputs are wanted of it. */
export function programFor(outputCount: number): ProgramName {
  return outputCount === 0 ? 'extend' : 'infer';
}

/** Where each program begins if the instructions of all are numbered one after the other. */
export function programStarts(programs: Programs): number[] {
  let start = 0;
  return PROGRAM_NAMES.map((name) => {
    const own = start;
    start += programs[name].length;
    return own;
  });
}

/** The instruction of a number, and where in its program it stands; undefined beyond all. */
export function instructionAt(
  programs: Programs,
  number: number,
): { instruction: Instruction; program: ProgramName; place: number } | undefined {
  assert(number >= 0, 'instructions are numbered from 0', { number });
  let place = number;
  for (const program of PROGRAM_NAMES) {
    const own = programs[program];
    if (place < own.length) return { instruction: own[place]!, program, place };
    place -= own.length;
  }
  return undefined;
}

/** Programs under construction: what is emitted goes into those that are open. */
export class ProgramsOpen {
  #names: readonly ProgramName[] = PROGRAM_NAMES;

  get names(): readonly ProgramName[] {
    return this.#names;
  }

  /** Emits into one program alone. */
  only(name: ProgramName, emit: () => void): void {
    const before = this.#names;
    this.#names = [name];
    emit();
    this.#names = before;
  }
}
