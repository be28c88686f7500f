/**
 * Who takes part in a comparison on one model: wafers of some shapes, and the peers that can.
 */
import { assert, isInt8Type, maxOf } from '@wafer/core';
import type { Activations } from '@wafer/core';
import { existsSync } from 'node:fs';
import type { Model } from '@wafer/runtime';
import { tryGraph } from '../onnx/graph.ts';
import { writeOnnx } from '../onnx/write-onnx.ts';
import type { LlamaCppRole } from '../peers/llama-cpp-runner.ts';
import type { OnnxRole } from '../peers/onnx-runner.ts';
import { openChild } from '../process/child.ts';
import type { Runner } from '../process/runner.ts';
import { cachedPath } from './model-files.ts';
import type { ModelFile } from './model-files.ts';
import type { PeerName, SpeedOptions } from './speed-options.ts';
import { positionsOf, promptOf, sequencesOf } from '../task/speed-task.ts';
import type { SpeedSample, SpeedTask } from '../task/speed-task.ts';
import type { WaferRole } from './wafer-runner.ts';

/** One engine in one configuration. */
export interface Contender {
  engine: 'wafer' | PeerName;
  /** Tiles of a wafer, threads of a peer. */
  threads: number;
  /** Undefined for peers, which use what the machine has. */
  isRevectorized: boolean | undefined;
  /** Undefined for peers, which round as they do. */
  activations: Activations | undefined;
  runner: Runner<SpeedTask, SpeedSample>;
}

const KV_BLOCK = 16;
/** Largest difference of a logit between f32 engines; 1e-5 is usual. */
const LOGITS_TOLERANCE = 1e-3;
const CHECK_TOKENS = 17;

/** Whether an contender takes a task. */
export function takes({ engine }: Contender, task: SpeedTask): boolean {
  if (engine === 'wafer') return true;
  if (task.kind === 'linear') return false;
  return engine === 'llama-cpp' || sequencesOf(task) === 1;
}

/** Opens the contenders for a model, each in its own process, onto a stack that closes them. */
export async function openContenders(
  file: ModelFile,
  tasks: readonly SpeedTask[],
  options: SpeedOptions,
  stack: AsyncDisposableStack,
): Promise<Contender[]> {
  const contenders: Contender[] = [];
  const add = (contender: Contender): void => {
    stack.defer(() => contender.runner.close());
    contenders.push(contender);
  };
  for (const shape of waferShapes(file, options)) {
    options.signal?.throwIfAborted();
    const { threads, isRevectorized, activations } = shape;
    const given = { model: file.path, tiles: threads, isRevectorized, activations };
    const runner = await openChild<WaferRole>('wafer', { ...given, ...waferLimits(tasks) });
    add({ engine: 'wafer', ...shape, runner });
  }
  for (const peer of options.peers.filter((name) => canRun(name, file))) {
    for (const threads of options.peerThreads ?? options.tiles) {
      options.signal?.throwIfAborted();
      const runner = await openPeer(peer, { file, tasks, threads, options });
      add({ engine: peer, threads, isRevectorized: undefined, activations: undefined, runner });
    }
  }
  return contenders;
}

/** Name of an engine for tables; a wafer with rounded activations says so. */
export function engineName({ engine, activations }: Omit<Contender, 'runner'>): string {
  return activations === undefined || activations === 'f32' ? engine : `${engine} ${activations}`;
}

/**
 * Largest difference of a logit from the first wafer's, of each peer and of each kind of
 * activations. Stops if f32 ONNX differs.
 */
export async function compareLogits(
  file: ModelFile,
  contenders: readonly Contender[],
): Promise<Record<string, number>> {
  const { vocabCount, contextMax } = file.model.spec;
  const prompt = promptOf(vocabCount, Math.min(CHECK_TOKENS, contextMax), 1);
  const differences: Record<string, number> = {};
  let wanted: Float32Array | undefined;
  for (const contender of contenders) {
    const { engine, threads, runner } = contender;
    const name = engine === 'wafer' ? engineName(contender) : `${engine} ${threads}`;
    if (Object.hasOwn(differences, name)) continue;
    const { logits } = await runner.measure({ kind: 'logits', prompt });
    assert(logits !== undefined, 'logits were asked for', { engine });
    wanted ??= logits;
    const difference = logits.reduce(
      (most, logit, id) => Math.max(most, Math.abs(logit - wanted![id]!)),
      0,
    );
    differences[name] = difference;
    const isEqual = engine !== 'onnx' || difference <= LOGITS_TOLERANCE;
    assert(isEqual, 'ONNX Runtime computes the same model', { difference });
  }
  return differences;
}

/** Every combination of tiles, vectors and activations. */
function waferShapes(
  { type }: ModelFile,
  options: SpeedOptions,
): { threads: number; isRevectorized: boolean; activations: Activations }[] {
  const kinds = isInt8Type(type) ? options.activations : (['f32'] as const);
  return options.tiles.flatMap((threads) =>
    options.revectorize.flatMap((isRevectorized) =>
      kinds.map((activations) => ({ threads, isRevectorized, activations })),
    ),
  );
}

/** How much a wafer must hold for the largest of its tasks. */
function waferLimits(tasks: readonly SpeedTask[]): {
  contextTokens: number;
  kvTokens: number;
  sequences: number;
} {
  const positions = tasks.map(positionsOf);
  const kv = tasks.map(
    (task) => sequencesOf(task) * Math.ceil(positionsOf(task) / KV_BLOCK) * KV_BLOCK,
  );
  return {
    contextTokens: maxOf(positions, CHECK_TOKENS),
    kvTokens: maxOf(kv, 2 * KV_BLOCK),
    sequences: maxOf(tasks.map(sequencesOf), 1),
  };
}

function canRun(peer: PeerName, { type, model }: ModelFile): boolean {
  if (peer === 'llama-cpp') return true;
  return type === 'f32' && tryGraph(model.spec) !== undefined;
}

async function openPeer(
  peer: PeerName,
  use: {
    file: ModelFile;
    tasks: readonly SpeedTask[];
    threads: number;
    options: SpeedOptions;
  },
): Promise<Runner<SpeedTask, SpeedSample>> {
  const { file, tasks, threads, options } = use;
  const { cacheFolder } = options;
  const { spec } = file.model;
  const alone = tasks.filter((task) => sequencesOf(task) === 1).map(positionsOf);
  const together = tasks.filter((task) => sequencesOf(task) > 1).map(positionsOf);
  const contextTokens = maxOf(alone, CHECK_TOKENS);
  const shared = { threads, vocabCount: spec.vocabCount, contextTokens, cacheFolder };
  if (peer === 'llama-cpp') {
    const batchContextTokens = maxOf(together, 1);
    return openChild<LlamaCppRole>('llama-cpp', {
      ...shared,
      model: file.path,
      batchContextTokens,
    });
  }
  const { layerCount, kvHeadCount, headWidth } = spec;
  const model = onnxFile(file.model, cacheFolder);
  return openChild<OnnxRole>('onnx', { ...shared, model, layerCount, kvHeadCount, headWidth });
}

function onnxFile(model: Model, cacheFolder: string): string {
  const path = cachedPath(model, 'f32.onnx', cacheFolder);
  if (!existsSync(path)) writeOnnx(model, path);
  return path;
}
