/**
 * The flags of `wafer train` as the settings of a run.
 */
import { availableParallelism } from 'node:os';
import { parseGrid, plural, WaferError } from '@wafer/core';
import { DPO_BETA, rowsOfStep, TRAIN_DEFAULTS } from '@wafer/train';
import type {
  AdapterSettings,
  CutOptions,
  NewModelShape,
  PreferenceSettings,
  TrainSettings,
  TrainShape,
} from '@wafer/train';
import { UsageError } from '../failures/failures.ts';

/** What commander gives; absent flags have defaults in `TRAIN_DEFAULTS`. */
export interface TrainFlags {
  data?: string[];
  valid?: string;
  out?: string;
  resume?: string;
  tokenizer?: string;
  separator?: string;
  steps?: number;
  time?: number;
  batch?: number;
  context?: number;
  accumulate?: number;
  lr?: number;
  minLr?: number;
  warmup?: number;
  schedule?: TrainSettings['schedule']['kind'];
  decaySteps?: number;
  optimizer?: TrainSettings['optimizer']['kind'];
  momentum?: number;
  weightDecay?: number;
  beta1?: number;
  beta2?: number;
  eps?: number;
  clip?: number;
  zLoss?: number;
  balanceLoss?: number;
  order?: TrainSettings['order'];
  seed?: number;
  weights?: TrainSettings['weights'];
  grid?: string;
  stages?: number;
  replicas?: number;
  recompute?: true;
  chips?: number;
  link?: CutOptions['link'];
  loraRank?: number;
  loraAlpha?: number;
  loraTargets?: string[];
  loraDropout?: number;
  dpo?: true;
  dpoBeta?: number;
  layers?: number;
  width?: number;
  heads?: number;
  kvHeads?: number;
  ffn?: number;
  vocab?: number;
  untied?: true;
  experts?: number;
  expertsPerToken?: number;
  checkpointEvery: number;
  keep: number;
  validEvery: number;
  samples?: number;
  revectorize?: true;
  force?: true;
  json?: true;
}

/** The settings of a run. */
export function settingsOfFlags(flags: TrainFlags): TrainSettings {
  const { optimizer, schedule } = TRAIN_DEFAULTS;
  const { lr = schedule.lr } = flags;
  return {
    steps: flags.steps ?? TRAIN_DEFAULTS.steps,
    batch: flags.batch ?? TRAIN_DEFAULTS.batch,
    context: flags.context ?? TRAIN_DEFAULTS.context,
    accumulate: flags.accumulate ?? TRAIN_DEFAULTS.accumulate,
    clip: flags.clip ?? TRAIN_DEFAULTS.clip,
    zLoss: flags.zLoss,
    balanceLoss: flags.balanceLoss,
    order: flags.order ?? TRAIN_DEFAULTS.order,
    seed: flags.seed ?? TRAIN_DEFAULTS.seed,
    weights: flags.weights,
    optimizer: {
      kind: flags.optimizer ?? optimizer.kind,
      weightDecay: flags.weightDecay ?? optimizer.weightDecay,
      beta1: flags.beta1 ?? optimizer.beta1,
      beta2: flags.beta2 ?? optimizer.beta2,
      eps: flags.eps ?? optimizer.eps,
      momentum: flags.momentum ?? optimizer.momentum,
    },
    schedule: {
      kind: flags.schedule ?? schedule.kind,
      lr,
      minLr: flags.minLr ?? lr / 10,
      warmup: flags.warmup ?? schedule.warmup,
      decaySteps: flags.decaySteps ?? schedule.decaySteps,
    },
    preference: preferenceOfFlags(flags),
  };
}

function preferenceOfFlags({ dpo, dpoBeta }: TrainFlags): PreferenceSettings | undefined {
  if (dpo) return { beta: dpoBeta ?? DPO_BETA };
  if (dpoBeta === undefined) return undefined;
  throw new UsageError('--dpo-beta does nothing without --dpo');
}

/** Who computes: `--grid` tiles of a replica in `--stages` bands; by default a replica a core. */
export function shapeOfFlags(flags: TrainFlags, settings: TrainSettings): TrainShape {
  const { stages = 1, recompute = false } = flags;
  const isGiven = flags.grid !== undefined || stages > 1 || flags.replicas !== undefined;
  const wanted = Math.max(availableParallelism(), flags.chips ?? 1);
  const cores = Math.min(wanted, rowsOfStep(settings));
  const replicas = flags.replicas ?? (isGiven ? 1 : cores);
  const grid = flags.grid === undefined ? { width: stages, height: 1 } : parseGrid(flags.grid);
  const tiles = grid.width * grid.height;
  if (tiles % stages !== 0) {
    const expected = `a divisor of the grid's ${plural(tiles, 'tile')}`;
    throw new WaferError('TRAIN_OPTION', { option: 'stages', value: stages, expected });
  }
  return { replicas, stages, tiles: tiles / stages, recompute };
}

/** Chips that stages and replicas are shared out among. Throws: UsageError. */
export function cutOfFlags({ chips, link }: TrainFlags): CutOptions | undefined {
  if (chips !== undefined) return { chips, link: link ?? 'port' };
  if (link === undefined) return undefined;
  throw new UsageError('--link does nothing without --chips, among which a run is cut');
}

/** What flags say of adapters; without targets the model's are taken. */
type AskedAdapters = Omit<AdapterSettings, 'targets'> & { targets: string[] | undefined };

/** Adapters, where a rank is given, alpha twice the rank unless said. Throws: UsageError. */
export function adaptersOfFlags(flags: TrainFlags): AskedAdapters | undefined {
  const { loraRank: rank, loraAlpha, loraTargets, loraDropout } = flags;
  if (rank === undefined) {
    const isNone = [loraAlpha, loraTargets, loraDropout].every((one) => one === undefined);
    if (isNone) return undefined;
    throw new UsageError('adapters need a --lora-rank');
  }
  return { rank, alpha: loraAlpha ?? 2 * rank, targets: loraTargets, dropout: loraDropout };
}

/** The shape of a new model. Throws: UsageError where a flag is missing. */
export function modelShapeOfFlags(flags: TrainFlags, vocabOfTokenizer?: number): NewModelShape {
  const { layers, width, heads } = flags;
  const vocab = flags.vocab ?? vocabOfTokenizer;
  if (layers === undefined || width === undefined || heads === undefined || vocab === undefined) {
    const needed = '--layers, --width, --heads, and --vocab or --tokenizer';
    throw new UsageError(`give a model to train further, or the shape of a new one: ${needed}`);
  }
  return {
    layers,
    width,
    heads,
    kvHeads: flags.kvHeads ?? heads,
    // Llama's: two thirds of four times the width, in whole eights.
    ffn: flags.ffn ?? Math.ceil((8 * width) / 3 / 8) * 8,
    vocab,
    context: flags.context ?? TRAIN_DEFAULTS.context,
    isTied: flags.untied !== true,
    experts: expertsOfFlags(flags),
  };
}

/** Experts of a new model, two a token unless said. Throws: UsageError. */
function expertsOfFlags({ experts, expertsPerToken }: TrainFlags): NewModelShape['experts'] {
  if (experts !== undefined)
    return { count: experts, chosen: expertsPerToken ?? Math.min(2, experts) };
  if (expertsPerToken === undefined) return undefined;
  throw new UsageError('--experts-per-token needs --experts, how many there are');
}
