import { expect, test } from 'vitest';
import { PLAIN_NETWORK } from '../model/spec.ts';
import type { ModelSpec, WeightType } from '../model/spec.ts';
import { tensorShapes } from '../model/tensors.ts';
import type { TensorInfo } from '../model/tensors.ts';
import { KV_TYPES, kvScaleColumns } from '../ops/kv-types.ts';
import type { Instruction } from '../ops/ops.ts';
import { auditSteps, tokenTraffic } from './audit.ts';
import { checkPlan } from './check.ts';
import { fitsSram, kvTokensThatFit, largestTile } from './fit.ts';
import { bytesOf } from './layout.ts';
import { layoutPlan, makePlan } from './make-plan.ts';
import type { PlanInput } from './make-plan.ts';
import type { KernelScratch, Plan, PlanOptions, TilePlan } from './plan.ts';
import { instructionAt, programStarts } from './programs.ts';

const SPEC: ModelSpec = {
  ...PLAIN_NETWORK,
  family: 'llama',
  vocabCount: 512,
  modelWidth: 64,
  layerCount: 5,
  headCount: 8,
  kvHeadCount: 4,
  headWidth: 8,
  ffnWidth: 172,
  contextMax: 512,
  normEpsilon: 1e-5,
  rope: { theta: 10_000, scaling: { kind: 'none' }, layout: 'halves', rotaryWidth: 8 },
  biases: { qkv: true, attentionOutput: true, ffn: true },
  hasTiedEmbeddings: true,
};

const OPTIONS: PlanOptions = {
  grid: { width: 1, height: 1 },
  stageCount: 1,
  tensor: 'column',
  experts: 'whole',
  activations: 'f32',
  kv: 'f32',
  rowsMax: 16,
  sequencesMax: 4,
  logitRowsMax: 4,
  contextMax: 128,
  kvBlockCount: 32,
  releasesWindows: true,
  sramBytesMax: 2 ** 32,
};

function plan(...given: Parameters<typeof inputOf>): Plan {
  return makePlan(inputOf(...given));
}

function inputOf(
  options: Partial<PlanOptions>,
  spec: Partial<ModelSpec> = {},
  type: WeightType = 'f32',
): PlanInput {
  const full = { ...SPEC, ...spec };
  const tensors: Record<string, TensorInfo> = {};
  for (const shape of tensorShapes(full)) {
    tensors[shape.name] = { ...shape, type: shape.rows === 1 ? 'f32' : type };
  }
  const scratch: KernelScratch = {
    linearBytes: (_type, _columnCount, activations) => (activations === 'int8' ? 8192 : 4096),
    lowRankBytes: () => 1024,
    attentionBytes: (_headWidth, kv) => (kv === 'f32' ? 1024 : 65536),
  };
  return { spec: full, tensors, options: { ...OPTIONS, ...options }, scratch };
}

test('a KV cache of a narrower type reaches every tile, takes less and asks for scratch', () => {
  const grid = { width: 2, height: 1 };
  const [plain, f16, q8] = KV_TYPES.map((kv) => plan({ grid, kv }));
  const kvBytes = ({ tiles }: Plan): number[] => tiles.map(({ buffers }) => bytesOf(buffers, 'kv'));
  expect(f16!.tiles.map(({ constants }) => constants.kvType)).toEqual(['f16', 'f16']);
  expect(kvBytes(f16!)).toEqual(kvBytes(plain!).map((bytes) => bytes / 2));
  // Per row of a head: an integer for each element, and an f16 for each block of them.
  const { headWidth } = q8!.spec;
  const share = (headWidth + 2 * (headWidth / kvScaleColumns(headWidth))) / (4 * headWidth);
  expect(kvBytes(q8!)).toEqual(kvBytes(plain!).map((bytes) => bytes * share));
  expect(q8!.tiles[0]!.scratchBytes).toBeGreaterThan(plain!.tiles[0]!.scratchBytes);
});

test('8-bit activations reach every tile, and the scratch that their kernels ask for', () => {
  const grid = { width: 2, height: 1 };
  const [plain, rounded] = (['f32', 'int8'] as const).map((activations) =>
    plan({ grid, activations }, {}, 'q8_0'),
  );
  expect(plain!.tiles.map(({ constants }) => constants.activations)).toEqual(['f32', 'f32']);
  expect(rounded!.tiles.map(({ constants }) => constants.activations)).toEqual(['int8', 'int8']);
  for (const { scratchBytes } of rounded!.tiles) expect(scratchBytes).toBe(8192);
});

const grids = [
  [1, 1],
  [2, 1],
  [3, 1],
  [4, 1],
  [8, 1],
  [2, 2],
  [3, 2],
  [4, 4],
  [5, 3],
  [1, 7],
] as const;

test.each(grids)('a plan on %ix%i tiles is sound, in every shape', (width, height) => {
  for (const tensor of ['column', 'megatron'] as const) {
    for (const stageCount of [1, 2, 3, 4]) {
      if (stageCount > width * height) continue;
      for (const hasTiedEmbeddings of [true, false]) {
        checkPlan(plan({ grid: { width, height }, stageCount, tensor }, { hasTiedEmbeddings }));
      }
    }
  }
});

const EXPERTS: ModelSpec = {
  ...SPEC,
  layers: {
    leading: SPEC.layers.repeating,
    repeating: [{ sees: 'all', isRotated: true, ffn: 'experts' }],
  },
  experts: {
    expertCount: 6,
    chosenCount: 2,
    expertWidth: 36,
    sharedWidth: 20,
    router: {
      score: 'sigmoid',
      hasBias: true,
      hasSelectionBias: true,
      groups: undefined,
      weights: 'normalized',
      scale: 1,
    },
    weighsInput: false,
    hasBias: true,
  },
};

test.each(grids)('a plan of experts on %ix%i tiles is sound, in every shape', (width, height) => {
  for (const experts of ['whole', 'rows', 'megatron'] as const) {
    for (const stageCount of [1, 2, 3]) {
      if (stageCount > width * height) continue;
      const options =
        experts === 'megatron'
          ? ({ tensor: experts, experts: 'rows' } as const)
          : ({ tensor: 'column', experts } as const);
      const made = plan({ grid: { width, height }, stageCount, ...options }, EXPERTS);
      checkPlan(made);
      const whole = made.tiles.reduce((sum, tile) => sum + tile.experts.count, 0);
      expect(whole).toBe(experts === 'whole' ? 6 * stageCount : 0);
    }
  }
});

test('experts that no plan could run are refused', () => {
  const grid = { width: 2, height: 1 };
  expect(() => plan({ grid, tensor: 'megatron', experts: 'whole' }, EXPERTS)).toThrow(
    /PLAN_OPTION: option experts is whole; expected rows/,
  );
  const grouped = (
    chosenCount: number,
    groups: { count: number; keptCount: number },
  ): ModelSpec => {
    const experts = EXPERTS.experts!;
    return {
      ...EXPERTS,
      experts: { ...experts, chosenCount, router: { ...experts.router, groups } },
    };
  };
  checkPlan(plan({}, grouped(2, { count: 3, keptCount: 1 })));
  expect(() => plan({}, grouped(3, { count: 3, keptCount: 1 }))).toThrow(
    /PLAN_OPTION: option router/,
  );
  expect(() => plan({}, grouped(2, { count: 4, keptCount: 2 }))).toThrow(
    /PLAN_OPTION: option router/,
  );
});

test('traffic of whole experts depends on the routing, the sum of it does not', () => {
  const made = plan({ grid: { width: 3, height: 2 }, experts: 'whole' }, EXPERTS);
  const routed = made.channels.filter(({ kind }) => kind === 'routed').map(({ index }) => index);
  const bytes = (rows?: number[]): number[] => {
    const traffic = auditSteps(made, [{ program: 'infer', tokens: [1, 2, 3] }], rows);
    return routed.map((channel) => traffic[channel]!.payloadBytes);
  };
  const sum = (list: number[]): number => list.reduce((a, b) => a + b);
  // Four layers of experts, 3 tokens, 2 experts each: 24 rows, sent to the 5 other tiles.
  const rowBytes = 64 * 4;
  expect(sum(bytes())).toBe(24 * 5 * rowBytes);
  const skewed = bytes([20, 4, 0, 0, 0, 0]);
  expect(sum(skewed)).toBe(24 * 5 * rowBytes);
  expect(skewed.filter((count) => count === 0).length).toBeGreaterThan(0);
});

test('experts of another stage are no traffic of this one', () => {
  const made = plan({ grid: { width: 2, height: 2 }, stageCount: 2, experts: 'whole' }, EXPERTS);
  const rows = [5, 3, 20, 30];
  const traffic = auditSteps(made, [{ program: 'infer', tokens: [1] }], rows);
  for (const { index, source, kind } of made.channels) {
    if (kind === 'routed') expect(traffic[index]!.payloadBytes).toBe(rows[source]! * 64 * 4);
  }
});

test('links of the mesh carry what every route over them carries', () => {
  const made = plan({ grid: { width: 3, height: 2 } });
  const { messages, payloadBytes, links } = tokenTraffic(made);
  const traffic = auditSteps(made, [{ program: 'infer', tokens: [0] }]);
  expect(messages).toBe(traffic.reduce((sum, one) => sum + one.messages, 0));
  expect(payloadBytes).toBe(traffic.reduce((sum, one) => sum + one.payloadBytes, 0));
  const place = (tile: number): [x: number, y: number] => [tile % 3, Math.floor(tile / 3)];
  const overHops = traffic.reduce((sum, { channel, payloadBytes: bytes }) => {
    const { source, target } = made.channels[channel]!;
    const [[x, y], [toX, toY]] = [place(source), place(target)];
    return sum + bytes * (Math.abs(x - toX) + Math.abs(y - toY));
  }, 0);
  expect([...links.values()].reduce((sum, bytes) => sum + bytes)).toBe(overHops);
});

test('block types cut row shards of Megatron at whole blocks', () => {
  const wide = { headWidth: 16, ffnWidth: 192 };
  checkPlan(plan({ grid: { width: 2, height: 1 }, tensor: 'megatron' }, wide, 'q8_0'));
  for (const { shards } of plan({ grid: { width: 4, height: 1 }, tensor: 'megatron' }, wide, 'q8_0')
    .tiles) {
    for (const { column, columnCount, isVector } of shards) {
      if (!isVector) expect([column % 32, columnCount % 32]).toEqual([0, 0]);
    }
  }
});

test('K-quants cut row shards of Megatron at 256 inputs; heads that do not fit are refused', () => {
  const megatron = { grid: { width: 2, height: 1 }, tensor: 'megatron' } as const;
  const wide = { modelWidth: 256, headWidth: 64, headCount: 8, kvHeadCount: 8, ffnWidth: 768 };
  for (const { shards } of plan(megatron, wide, 'q4_k').tiles) {
    for (const { column, columnCount, isVector } of shards) {
      if (!isVector) expect([column % 256, columnCount % 256]).toEqual([0, 0]);
    }
  }
  // Two groups of four heads are 512 wide, but three are 192 each.
  const uneven = { ...wide, headWidth: 48, headCount: 12, kvHeadCount: 3, modelWidth: 768 };
  expect(() => plan(megatron, uneven, 'q4_k')).toThrow(/PLAN_GRID: .*blocks of 256 inputs/);
});

test('the audit counts the embedding by the tokens that a tile owns', () => {
  const two = plan({ grid: { width: 2, height: 1 } });
  const embedded = two.channels.find(({ kind }) => kind === 'owned')!;
  const bytesOf = (tokens: number[]): number =>
    auditSteps(two, [{ program: 'infer', tokens }])[embedded.index]!.payloadBytes;
  expect(bytesOf([0, 1, 255])).toBe(0);
  expect(bytesOf([0, 256, 511])).toBe(2 * 64 * 4);
});

test('windows have a pool apart, as large as all sequences need, whose blocks are smaller', () => {
  const sees = ['window', 'all', 'window', 'window', 'all'] as const;
  const spec: Partial<ModelSpec> = {
    layers: {
      leading: sees.map((what) => ({ sees: what, isRotated: true, ffn: 'dense' })),
      repeating: [],
    },
    attention: { ...PLAIN_NETWORK.attention, windowTokens: 18 },
  };
  const options = { grid: { width: 2, height: 1 }, stageCount: 2, kvBlockCount: 64 };
  const all = plan({ ...options, releasesWindows: false }, spec);
  const made = plan(options, spec);
  checkPlan(made);
  // 17 positions before a row lie in 3 blocks; a row may begin another; 16 rows are a block more.
  expect(made.windows).toMatchObject({ blockCount: 4 * (3 + 1) + 1 + 16, sequenceBlocksMax: 5 });
  expect(all.windows).toBeUndefined();
  expect(made.recordBytes).toBeGreaterThan(all.recordBytes);
  const poolBytes = ({ buffers }: TilePlan): number[] =>
    (['kv', 'kv-windows'] as const).map((role) => bytesOf(buffers, role));
  const layerBytes = poolBytes(all.tiles[0]!)[0]! / 64 / 3; // the first stage has three layers
  const windowBlocks = made.windows!.blockCount;
  expect(poolBytes(made.tiles[0]!)).toEqual([64 * layerBytes, windowBlocks * 2 * layerBytes]);
  expect(poolBytes(made.tiles[1]!)).toEqual([64 * layerBytes, windowBlocks * layerBytes]);
  const attends = made.tiles[0]!.programs.infer.filter((one) => one.op === 'attend');
  expect(attends.map(({ isInWindowPool }) => isInWindowPool)).toEqual([true, false, true]);
  expect(attends.map(({ kvBlockStride }) => kvBlockStride)).toEqual(
    [2, 1, 2].map((layers) => layers * layerBytes),
  );
  expect(attends[2]!.kv - attends[0]!.kv).toBe(layerBytes);
  // Windows wider than any sequence hide nothing.
  const wide = { ...spec, attention: { ...PLAIN_NETWORK.attention, windowTokens: 128 } };
  expect(plan(options, wide).windows).toBeUndefined();
});

test('a KV cache that does not fit is told what would, and then does', () => {
  const { sramBytes } = plan({ kvBlockCount: 8 }).tiles[0]!;
  const largest = { sramBytesMax: sramBytes + 100, contextMax: 128 };
  const large = layoutPlan(inputOf({ ...largest, kvBlockCount: 500 }));
  expect(fitsSram(large)).toBe(false);
  expect(kvTokensThatFit(large)).toBe(128);
  expect(() => plan({ ...largest, kvBlockCount: 500 })).toThrow(
    /needs \d+ bytes, its SRAM has \d+; it fits on .*, or here with 128 tokens of KV cache/,
  );
  expect(fitsSram(plan({ ...largest, kvBlockCount: 128 / 16 }))).toBe(true);
});

test('the largest tile decides, and may fill its SRAM to the last byte', () => {
  const made = plan({ grid: { width: 2, height: 1 }, stageCount: 2 });
  const sizes = made.tiles.map(({ sramBytes }) => sramBytes);
  expect(new Set(sizes).size).toBe(2);
  const most = Math.max(...sizes);
  expect(largestTile(made).sramBytes).toBe(most);
  const within = (sramBytesMax: number): boolean =>
    fitsSram({ ...made, options: { ...made.options, sramBytesMax } });
  expect([within(most), within(most - 1)]).toEqual([true, false]);
  // No two buffers share a cache line.
  for (const { buffers } of made.tiles) {
    expect(buffers.filter(({ address }) => address % 64 !== 0)).toEqual([]);
  }
});

test('a model that does not fit names both sizes and the smallest grid that fits', () => {
  const sramBytesMax = 2 ** 20;
  expect(() => plan({ sramBytesMax })).toThrow(
    /PLAN_SRAM: tile Wafer\.Tile\[0\]\[0\] needs \d+ bytes.* has 1048576; it fits on \d+x\d+, or/,
  );
});

test.each([
  [{ stageCount: 6, grid: { width: 8, height: 1 } }, /PLAN_GRID: .*6 stages, 5 layers/],
  [{ stageCount: 2 }, /PLAN_GRID: .*2 stages, 1 tiles/],
  [{ grid: { width: 256, height: 1 } }, /PLAN_GRID: .*256 tiles in a stage/],
  [{ stageCount: 0 }, /PLAN_OPTION/],
])('a grid the model cannot fill is refused: %o', (options, message) => {
  expect(() => plan(options)).toThrow(message);
});

test('a plan says what its collectives, buffers and shards are for', () => {
  const made = plan({
    grid: { width: 2, height: 2 },
    stageCount: 2,
    tensor: 'megatron',
    experts: 'rows',
  });
  const kinds = new Set(made.collectives.map(({ kind }) => kind));
  expect(kinds).toEqual(new Set(['gather', 'broadcast', 'all-reduce', 'hand-off']));
  const column = plan({ grid: { width: 2, height: 1 } });
  expect(column.collectives.map(({ kind }) => kind)).toContain('all-gather');
  for (const tile of made.tiles) {
    const weights = tile.shards.reduce((sum, { bytes }) => sum + bytes, 0);
    expect(bytesOf(tile.buffers, 'shard')).toBe(weights);
    expect(new Set(tile.shards.map(({ role }) => role))).toEqual(new Set(['weight']));
    const kept = tile.buffers.filter(({ lifetime }) => lifetime === 'run').map(({ role }) => role);
    expect(new Set(kept)).toEqual(new Set(['control', 'shard', 'kv']));
  }
});

test('plan data that contradicts the channels is refused', () => {
  const made = plan({ grid: { width: 2, height: 1 }, tensor: 'megatron', experts: 'rows' });
  const [first, ...others] = made.collectives;
  const alone = { ...first!, members: [0] };
  expect(() => checkPlan({ ...made, collectives: [alone, ...others] })).toThrow(/joins members/);
  const gathers = made.collectives.map((one) => ({ ...one, kind: 'all-gather' as const }));
  expect(() => checkPlan({ ...made, collectives: gathers })).toThrow(/all-reduce of its own/);
  const tiles = made.tiles.map((tile) => ({
    ...tile,
    programs: {
      ...tile.programs,
      infer: tile.programs.infer.map((one) => (one.op === 'linear' ? { ...one, launch: 0 } : one)),
    },
  }));
  expect(() => checkPlan({ ...made, tiles })).toThrow(/a launch reads one input/);
});

test('every program of a tile is proved, and any that follows another', () => {
  const made = plan({ grid: { width: 2, height: 1 } });
  const [first, ...others] = made.tiles;
  const { infer, extend } = first!.programs;
  expect(extend.length).toBeLessThan(infer.length);
  expect(infer).toEqual(expect.arrayContaining([...extend]));
  const without = (op: string): readonly Instruction[] => {
    const place = extend.findLastIndex((one) => one.op === op);
    return extend.filter((_, i) => i !== place);
  };
  for (const op of ['send', 'receive', 'release']) {
    const tile = { ...first!, programs: { infer, extend: without(op) } };
    expect(() => checkPlan({ ...made, tiles: [tile, ...others] })).toThrow(/send has its receive/);
  }
});

test('instructions of all programs are numbered one after the other', () => {
  const { programs } = plan({}).tiles[0]!;
  const [inferStart, extendStart] = programStarts(programs);
  expect([inferStart, extendStart]).toEqual([0, programs.infer.length]);
  const end = programs.infer.length + programs.extend.length;
  expect(instructionAt(programs, end)).toBeUndefined();
  expect(instructionAt(programs, extendStart!)).toEqual({
    instruction: programs.extend[0],
    program: 'extend',
    place: 0,
  });
});
