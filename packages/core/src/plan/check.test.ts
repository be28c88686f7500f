/** Plans that are broken in one place: each is refused, and says which proof failed. */
import { expect, test } from 'vitest';
import { PLAIN_NETWORK } from '../model/spec.ts';
import type { ModelSpec } from '../model/spec.ts';
import { tensorShapes } from '../model/tensors.ts';
import type { Instruction } from '../ops/ops.ts';
import { checkPlan } from './check.ts';
import { makePlan } from './make-plan.ts';
import type { Plan, PlanOptions } from './plan.ts';

const SPEC: ModelSpec = {
  ...PLAIN_NETWORK,
  family: 'llama',
  ...{ vocabCount: 128, modelWidth: 64, layerCount: 2, headCount: 4, kvHeadCount: 2 },
  ...{ headWidth: 16, ffnWidth: 128, contextMax: 64, normEpsilon: 1e-5 },
  rope: { theta: 10_000, scaling: { kind: 'none' }, layout: 'halves', rotaryWidth: 16 },
  biases: { qkv: false, attentionOutput: false, ffn: false },
  hasTiedEmbeddings: false,
};

const OPTIONS: PlanOptions = {
  grid: { width: 2, height: 1 },
  ...{ stageCount: 1, tensor: 'column', experts: 'whole', activations: 'f32', kv: 'f32' },
  ...{ rowsMax: 8, sequencesMax: 2, logitRowsMax: 2, contextMax: 64, kvBlockCount: 8 },
  ...{ releasesWindows: true, sramBytesMax: 2 ** 32 },
};

const SOUND = makePlan({
  spec: SPEC,
  tensors: Object.fromEntries(
    tensorShapes(SPEC).map((shape) => [shape.name, { ...shape, type: 'f32' as const }]),
  ),
  options: OPTIONS,
  scratch: {
    linearBytes: () => 4096,
    lowRankBytes: () => 1024,
    attentionBytes: () => 1024,
  },
});

/** Data of a plan, any of which a test may change. */
type Open<T> = T extends (...args: never) => unknown
  ? T
  : { -readonly [Key in keyof T]: Open<T[Key]> };

/** A plan on two tiles, with a change. */
function changed(change: (plan: Open<Plan>) => void): Plan {
  const plan = structuredClone(SOUND) as Open<Plan>;
  change(plan);
  return plan as Plan;
}

type Program = Instruction[];

/** Where a program uses a channel for an op, in order. */
function placesOf(program: Program, op: 'send' | 'receive' | 'release', channel: number): number[] {
  return program.flatMap((one, place) =>
    one.op === op && one.channels.includes(channel) ? [place] : [],
  );
}

/** Puts the instruction at one place before the one at another. */
function move(program: Program, from: number, before: number): void {
  const [one] = program.splice(from, 1);
  program.splice(before, 0, one!);
}

test('the plan that is broken here is sound', () => {
  expect(() => checkPlan(SOUND)).not.toThrow();
  expect(() => checkPlan(changed(() => undefined))).not.toThrow();
});

test.each<[what: string, message: string, change: (plan: Open<Plan>) => void]>([
  [
    'a buffer reaches into the next one',
    'buffers do not overlap',
    ({ tiles }) => {
      const [first, second] = tiles[1]!.buffers;
      first!.bytes = second!.address - first!.address + 1;
    },
  ],
  [
    'the last buffer ends beyond the SRAM',
    'buffers end within the SRAM',
    ({ tiles }) => {
      const { address, bytes } = tiles[0]!.buffers.at(-1)!;
      tiles[0]!.sramBytes = address + bytes - 1;
    },
  ],
  [
    'a row of a matrix is nowhere',
    'shards cover the tensor',
    ({ tiles }) => {
      tiles[0]!.shards.find(({ isVector }) => !isVector)!.rowCount--;
    },
  ],
  [
    'two shards hold the same rows, and as many are nowhere',
    'shards do not overlap',
    ({ tiles }) => {
      const { tensor, row } = tiles[0]!.shards.find(({ isVector }) => !isVector)!;
      tiles[1]!.shards.find((shard) => shard.tensor === tensor)!.row = row;
    },
  ],
  [
    'a window ends a value beyond its buffer',
    'a window lies in one buffer',
    ({ tiles, channels }) => {
      const { target, rowsMax, columnCount, targetRows } = channels[0]!;
      const { address } = targetRows;
      const holds = tiles[target]!.buffers.find(
        (one) => one.address <= address && address < one.address + one.bytes,
      )!;
      const windowBytes = ((rowsMax - 1) * targetRows.stride + columnCount) * 4;
      targetRows.address = holds.address + holds.bytes - windowBytes + 4;
    },
  ],
  [
    'a channel leads to where it begins',
    'a channel joins two tiles',
    ({ channels }) => {
      channels[0]!.source = channels[0]!.target;
    },
  ],
  [
    'a tile sends on a channel of another',
    'a tile uses its own channels',
    ({ tiles, channels }) => {
      const other = channels.find(({ source }) => source === 1)!.index;
      for (const one of tiles[0]!.programs.infer as Program) {
        if (one.op === 'send') (one as Open<typeof one>).channels = [other];
      }
    },
  ],
  [
    'a window is given back before it is read',
    'a window is read before it is given back',
    ({ tiles, channels }) => {
      const { index, target } = channels[0]!;
      const program = tiles[target]!.programs.infer as Program;
      const [receive] = placesOf(program, 'receive', index);
      move(program, placesOf(program, 'release', index)[0]!, receive!);
    },
  ],
  [
    'a window is filled again before it is given back',
    'a window is given back before it is refilled',
    ({ tiles, channels }) => {
      const again = channels.find(
        ({ index, target }) =>
          placesOf(tiles[target]!.programs.infer as Program, 'receive', index).length > 1,
      )!;
      const program = tiles[again.target]!.programs.infer as Program;
      const [, receive] = placesOf(program, 'receive', again.index);
      move(program, receive!, placesOf(program, 'release', again.index)[0]!);
    },
  ],
  [
    'two tiles wait for each other',
    'the event graph has no cycle',
    ({ tiles }) => {
      for (const { programs } of tiles) {
        const program = programs.infer as Program;
        program.forEach((one, place) => {
          const isPair = one.op === 'send' && program[place + 1]?.op === 'receive';
          if (isPair) move(program, place, place + 1);
        });
      }
    },
  ],
])('%s: %s', (_, message, change) => {
  expect(() => checkPlan(changed(change))).toThrow(message);
});
