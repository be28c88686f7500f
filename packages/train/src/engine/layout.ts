/**
 * Where everything of a training run lies in its shared memory, to the byte, before it starts.
 *
 *   weights | moments | sums of gradients per replica | data of a step | per replica: frames of
 *   values kept for the way back | per replica and stage: values and gradients in use, scratch
 *
 * In bf16 the rounded weights that rows read come first, then the masters that are moved; in f32
 * both are one region.
 * A frame holds what one row needs on its way back; a pipeline of S stages has S rows under way.
 * With `recompute` a frame holds the input of each layer alone, and a layer's values are made anew.
 * Values of experts have slot panels instead of panels. Letters: P panels of 16 tokens, V vocab.
 */
import { assert, layerOf, WaferError } from '@wafer/core';
import type { LayerSpec } from '@wafer/core';
import { MEMORY_PAGES_MAX } from '@wafer/kernels';
import type { TrainProgram } from '../network/program.ts';
import type { TrainSlot } from '../network/slots.ts';
import type { WeightFormat } from '../settings.ts';
import { CONTROL_BYTES } from './control.ts';
import { placeTensors } from './place-tensors.ts';
import type { LearnedPlace } from './place-tensors.ts';
import { layoutRouting, slotPanelsOf } from './routing.ts';
import type { RoutingLayout } from './routing.ts';
import { cutIntoStages, stageOfLayer } from './stage-tensors.ts';
import type { LayerStages } from './stage-tensors.ts';
import { finalMerges, sumSchedule } from './sum-schedule.ts';
import type { SumSchedule } from './sum-schedule.ts';

const PAGE_BYTES = 65536;

/** Who computes what: rows are shared out among replicas, layers among stages, ops among tiles. */
export interface TrainShape {
  replicas: number;
  stages: number;
  tiles: number;
  recompute: boolean;
}

/** Addresses of one row's values; -1 where a value is not kept. */
export interface FrameLayout {
  slots: readonly number[];
  /** Per op: what it keeps beside values (norms, attention). */
  extras: readonly number[];
  /** The gradient of the residual values, which goes from stage to stage. */
  flow: number;
}

/** Addresses that the threads of a stage share. */
export interface StageLayout {
  firstOp: number;
  endOp: number;
  slots: readonly number[];
  extras: readonly number[];
  flows: Readonly<Record<string, number>>;
  turned: number;
  /** Inputs of adapters with what is dropped left out, and their gradient. */
  dropped: number;
  logits: number;
  /** Per tile: scratch of attention, and of edges. */
  scratch: readonly number[];
}

export interface TrainLayout {
  shape: TrainShape;
  layerStages: LayerStages;
  context: number;
  panels: number;
  /** Panels of the rows of all experts; 0 of a dense model. */
  slotPanels: number;
  /** What an op that routes keeps. */
  routing: RoutingLayout;
  rowsOfStep: number;
  tensors: readonly LearnedPlace[];
  /** Bytes of a region of all tensors. */
  regionBytes: number;
  /** Bytes of what is trained, which lies first: a region of moments or gradients. */
  trainedBytes: number;
  blockCount: number;
  /** What rows read. */
  weights: number;
  /** What is moved, read, written: the same region, unless rows read rounded weights. */
  masters: number;
  moments: readonly [number, number];
  /** [replica][buffer] */
  sums: readonly (readonly number[])[];
  schedules: readonly SumSchedule[];
  firstRows: readonly number[];
  final: ReturnType<typeof finalMerges>;
  squares: number;
  data: {
    tokens: number;
    targets: number;
    shares: number;
    /** See the kernel of the loss: four numbers a token. */
    stats: number;
    /** By what a layer sees. */
    firsts: Readonly<Partial<Record<LayerSpec['sees'], number>>>;
    /** What the balance loss is made of, f64 [layers][rows]; of a dense model nothing. */
    loads: number;
  };
  /** Gradients of embedded rows and their ids, rows of the step one after the other. */
  embedding: { rows: number; ids: number };
  angles: number;
  /** Per thread: two sets of 16 scalars. */
  scalars: number;
  control: number;
  /** Per replica and stage: see `times.ts`. */
  times: number;
  /** [replica][frame] */
  frames: readonly (readonly FrameLayout[])[];
  /** [replica][stage] */
  stages: readonly (readonly StageLayout[])[];
  /** Bytes by what they are for. */
  bytes: { weights: number; gradients: number; moments: number; activations: number; all: number };
}

/** Lays out a run. Throws: TRAIN_MEMORY, TRAIN_OPTION. */
export function layoutTraining(
  program: TrainProgram,
  use: { context: number; rowsOfStep: number; shape: TrainShape; weights?: WeightFormat },
): TrainLayout {
  const { context, rowsOfStep, shape } = use;
  checkShape(shape, rowsOfStep, program);
  const panels = Math.ceil(context / 16);
  const { spec } = program;
  const slotPanels = slotPanelsOf(spec, context);
  const routing = layoutRouting(spec.experts, { panels, slotPanels });
  const layerStages = cutIntoStages(program, context, shape.stages);
  const sizes: Sizes = { panels, slotPanels, routing, shape, layerStages };
  let end = 0;
  const take = (bytes: number): number => {
    const address = end;
    end += Math.ceil(bytes / 64) * 64;
    return address;
  };
  const control = take(CONTROL_BYTES);
  const isRounded = use.weights === 'bf16';
  const placed = placeTensors(program, { isRounded });
  const { regionBytes, trainedBytes, blockCount } = placed;
  const weights = take(regionBytes);
  const masters = isRounded ? take(regionBytes) : weights;
  const weightBytes = end - weights;
  const moments = [take(trainedBytes), take(trainedBytes)] as const;
  const { firstRows, schedules } = rowsOfReplicas(shape, rowsOfStep);
  const beforeSums = end;
  const sums = schedules.map(({ bufferCount }) =>
    Array.from({ length: bufferCount }, () => take(trainedBytes)),
  );
  const gradients = end - beforeSums;
  const { data, embedding } = layoutStep(program, { rowsOfStep, context, panels }, take);
  const angles = take(panels * spec.rope.rotaryWidth * 64);
  const squares = take(blockCount * 8);
  const scalars = take(shape.replicas * shape.stages * shape.tiles * 128);
  const times = take(shape.replicas * shape.stages * 32);
  const beforeFrames = end;
  const replicas = Array.from({ length: shape.replicas }, () =>
    layoutReplica(program, sizes, take),
  );
  const activations = end - beforeFrames;
  checkMemory(end);
  return {
    ...sizes,
    ...placed,
    context,
    rowsOfStep,
    weights,
    masters,
    moments,
    sums,
    schedules,
    firstRows,
    final: finalMerges(schedules, rowsOfStep),
    squares,
    data,
    embedding,
    angles,
    scalars,
    control,
    times,
    frames: replicas.map(({ frames }) => frames),
    stages: replicas.map(({ stages }) => stages),
    bytes: { weights: weightBytes, gradients, moments: 2 * trainedBytes, activations, all: end },
  };
}

/** Which rows each replica has, and how it adds them. */
function rowsOfReplicas(
  shape: TrainShape,
  rowsOfStep: number,
): Pick<TrainLayout, 'firstRows' | 'schedules'> {
  const firstRows = Array.from({ length: shape.replicas + 1 }, (_, replica) =>
    Math.floor((replica * rowsOfStep) / shape.replicas),
  );
  const schedules = Array.from({ length: shape.replicas }, (_, replica) => {
    const first = firstRows[replica]!;
    return sumSchedule(first, firstRows[replica + 1]! - first, rowsOfStep);
  });
  return { firstRows, schedules };
}

function checkMemory(neededBytes: number): void {
  const maximumBytes = MEMORY_PAGES_MAX * PAGE_BYTES;
  if (neededBytes <= maximumBytes) return;
  const hint = 'take fewer replicas, a shorter context or recompute';
  throw new WaferError('TRAIN_MEMORY', { neededBytes, maximumBytes, hint });
}

/** What the rows of a step are read from, and where the gradients of embedded rows wait. */
function layoutStep(
  program: TrainProgram,
  use: { rowsOfStep: number; context: number; panels: number },
  take: (bytes: number) => number,
): Pick<TrainLayout, 'data' | 'embedding'> {
  const { rowsOfStep, context, panels } = use;
  const rowWords = rowsOfStep * panels * 16 * 4;
  const data = {
    tokens: take(rowWords),
    targets: take(rowWords),
    shares: take(rowWords),
    stats: take(rowWords * 4),
    firsts: Object.fromEntries(masksOf(program).map((sees) => [sees, take(rowWords)])),
    loads: take(program.spec.experts ? program.spec.layerCount * rowsOfStep * 8 : 0),
  };
  const { modelWidth } = program.spec;
  const embedding = {
    rows: take(rowsOfStep * context * modelWidth * 4),
    ids: take(rowsOfStep * context * 4),
  };
  return { data, embedding };
}

/** What the layers of a model see, each kind once. */
export function masksOf({ spec }: TrainProgram): LayerSpec['sees'][] {
  const all = Array.from({ length: spec.layerCount }, (_, layer) => layerOf(spec, layer).sees);
  return [...new Set(all)];
}

function checkShape(shape: TrainShape, rowsOfStep: number, { spec }: TrainProgram): void {
  const limits = { replicas: rowsOfStep, stages: spec.layerCount, tiles: 64 };
  for (const option of ['replicas', 'stages', 'tiles'] as const) {
    const value = shape[option];
    if (Number.isSafeInteger(value) && value >= 1 && value <= limits[option]) continue;
    const expected = `a whole number from 1 to ${limits[option]}`;
    throw new WaferError('TRAIN_OPTION', { option, value, expected });
  }
}

interface Sizes {
  panels: number;
  slotPanels: number;
  routing: RoutingLayout;
  shape: TrainShape;
  layerStages: LayerStages;
}

function layoutReplica(
  program: TrainProgram,
  sizes: Sizes,
  take: (bytes: number) => number,
): { frames: FrameLayout[]; stages: StageLayout[] } {
  const { panels, shape, layerStages } = sizes;
  const { stages, recompute } = shape;
  const { layerCount } = program.spec;
  const bytesOf = (slot: TrainSlot): number => panelsOf(slot, sizes) * slot.width * 64;
  const isInFrame = (slot: TrainSlot): boolean =>
    slot.isKept && (!recompute || slot.name === 'x' || slot.layer >= layerCount);
  const frames = Array.from({ length: stages }, (): FrameLayout => {
    const slots = program.slots.map((slot) => (isInFrame(slot) ? take(bytesOf(slot)) : -1));
    const extras = program.ops.map((op) => {
      const bytes = extraBytes(op, program, sizes);
      const isHead = op.layer >= layerCount;
      return bytes > 0 && (!recompute || isHead) ? take(bytes) : -1;
    });
    return { slots, extras, flow: take(panels * program.spec.modelWidth * 64) };
  });
  const list = Array.from({ length: stages }, (_, stage): StageLayout => {
    const own = (layer: number): boolean => stageOfLayer(layerStages, layer) === stage;
    const firstOp = program.ops.findIndex((op) => own(op.layer));
    const endOp = program.ops.findLastIndex((op) => own(op.layer)) + 1;
    return {
      firstOp,
      endOp,
      ...layerValues(program, { sizes, own, isInFrame, recompute }, take),
      flows: flowsOf(program, sizes, take),
      turned: take(turnedBytes(program, sizes) + 1024),
      dropped: take(droppedBytes(program, sizes)),
      logits: own(layerCount) ? take(program.spec.vocabCount * panels * 64) : -1,
      scratch: Array.from({ length: shape.tiles }, () =>
        take(2 * panels * panels * 1024 + 2 * panels * 1024 + 512),
      ),
    };
  });
  return { frames, stages: list };
}

/** Values that no frame holds: one place per name, or per name and layer where they are kept. */
function layerValues(
  program: TrainProgram,
  use: {
    sizes: Sizes;
    own: (layer: number) => boolean;
    isInFrame: (slot: TrainSlot) => boolean;
    recompute: boolean;
  },
  take: (bytes: number) => number,
): Pick<StageLayout, 'slots' | 'extras'> {
  const { sizes, own, isInFrame, recompute } = use;
  const places = new Map<string, number>();
  const counts = new Map<string, number>();
  const placeOf = (key: string, bytes: number): number => {
    const known = places.get(key) ?? take(bytes);
    places.set(key, known);
    return known;
  };
  const slots = program.slots.map((slot) => {
    // The same name may be written more than once in a layer, and all of them be needed.
    const nth = counts.get(`${slot.layer} ${slot.name}`) ?? 0;
    counts.set(`${slot.layer} ${slot.name}`, nth + 1);
    if (!own(slot.layer) || isInFrame(slot)) return -1;
    return placeOf(
      `${slot.name} ${slot.isKept ? nth : 'free'} ${slot.width}`,
      panelsOf(slot, sizes) * slot.width * 64,
    );
  });
  const seen = new Map<number, number>();
  const extras = program.ops.map((op) => {
    const nth = seen.get(op.layer) ?? 0;
    seen.set(op.layer, nth + 1);
    const bytes = extraBytes(op, program, sizes);
    const isOwn = own(op.layer) && recompute && op.layer < program.spec.layerCount;
    return bytes > 0 && isOwn ? placeOf(`op ${nth} ${bytes}`, bytes) : -1;
  });
  return { slots, extras };
}

/** Panels of 16 rows of a value. */
function panelsOf({ rows }: TrainSlot, { panels, slotPanels }: Sizes): number {
  return rows === 'slots' ? slotPanels : panels;
}

function extraBytes(
  op: TrainProgram['ops'][number],
  { spec }: TrainProgram,
  { panels, routing }: Sizes,
): number {
  if (op.op === 'route') return routing.bytes;
  if (op.op === 'norm') return (op.input.width / op.width) * panels * 64;
  // Of each head and query the largest score and 1 / Σ.
  return op.op === 'attend' ? (op.q.width / spec.headWidth) * panels * 128 : 0;
}

function flowsOf(
  program: TrainProgram,
  sizes: Sizes,
  take: (bytes: number) => number,
): Record<string, number> {
  const flows: Record<string, number> = {};
  for (const [name, slot] of program.gradients) {
    const { width } = slot;
    assert(width > 0, 'a value has a width', { name });
    if (name !== 'x') flows[name] = take(panelsOf(slot, sizes) * width * 64);
  }
  return flows;
}

/** The largest input of an adapter that drops some of it. */
function droppedBytes({ adapters }: TrainProgram, { panels, slotPanels }: Sizes): number {
  const all = adapters.map(({ a, dropout }) => {
    const rows = a.expert === undefined ? panels : slotPanels;
    return dropout > 0 ? a.columns * rows * 64 : 0;
  });
  return all.reduce((most, bytes) => Math.max(most, bytes), 0);
}

/** The largest input of a matrix that learns, turned: blocks of 16 columns, of all its panels. */
function turnedBytes(program: TrainProgram, sizes: Sizes): number {
  const bytesOf = (slot: TrainSlot): number =>
    Math.ceil(slot.width / 16) * panelsOf(slot, sizes) * 1024;
  const all = program.ops.map((op) => {
    if (op.op === 'adapt' || op.op === 'adaptExperts') {
      return Math.max(bytesOf(op.input), bytesOf(op.low));
    }
    const isMatrix = op.op === 'linear' || op.op === 'experts' || op.op === 'loss';
    return isMatrix ? bytesOf(op.input) : 0;
  });
  return all.reduce((most, bytes) => Math.max(most, bytes), 0);
}
