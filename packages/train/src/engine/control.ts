/**
 * The words and numbers by which the caller and the threads of a run talk.
 *
 *   words     at the start of the region     counters and barriers, i32
 *   numbers   from byte 8,192 on             what a step is asked and what it found, f64
 *   scalars   from byte 12,288 on            of AdamW: 16 of decayed tensors, 16 of others, f32
 */

/** Indices of control words. */
export const CONTROL = {
  /** Steps asked for; -1: end. */
  steps: 0,
  /** Threads that have finished a step, over all steps. */
  finished: 1,
  /** 1: only forward. */
  isEvaluation: 2,
  /** A barrier of all threads: two words. */
  everyone: 4,
  /** Per replica and stage: rows forward, rows back, a barrier of two words. */
  stages: 16,
} as const;

export const CONTROL_BYTES = 16_384;

/** Where the region lies, and how many stages a replica has. */
interface Region {
  control: number;
  shape: { stages: number };
}

/** Indices of numbers: what is asked of an update. */
export const NUMBERS = {
  clip: 0,
  lr: 1,
  momentum: 2,
  weightDecay: 3,
  /** Index in `OPTIMIZER_KINDS`. */
  optimizer: 4,
  /** What came out: the norm before clipping, and whether the weights stayed as they were. */
  norm: 5,
  isSkipped: 6,
  /** What the squared log-sum-exp counts. */
  zLoss: 7,
  /** What a token more of an expert asks of each probability for it. */
  balance: 8,
  /** Of dropout: the seed, and the step of this walk; 0: nothing is dropped. */
  dropSeed: 9,
  dropStep: 10,
} as const;

export const OPTIMIZER_KINDS = ['adamw', 'sgd', 'muon'] as const;

/** Scalars of one set. */
export const SCALAR_COUNT = 16;

/** The control words. */
export function controlWords(memory: WebAssembly.Memory, layout: Region): Int32Array {
  return new Int32Array(memory.buffer, layout.control, 2048);
}

export function controlNumbers(memory: WebAssembly.Memory, layout: Region): Float64Array {
  return new Float64Array(memory.buffer, layout.control + 8192, 16);
}

export function controlScalars(memory: WebAssembly.Memory, layout: Region): Float32Array {
  return new Float32Array(memory.buffer, layout.control + 12_288, 2 * SCALAR_COUNT);
}

/** The first control word of a stage. */
export function stageWord({ shape }: Region, replica: number, stage: number): number {
  return CONTROL.stages + (replica * shape.stages + stage) * 4;
}
