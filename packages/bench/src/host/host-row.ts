/**
 * One wafer on this host as its clock sees it: what was measured of it, and what is told.
 */
import type { StepShape } from '@wafer/core';
import type { Model, Wafer, WaferOptions } from '@wafer/runtime';
import { resolveOptions, threadsByTile } from '@wafer/runtime/internal';
import { decodeStep, hostStepTime, prefillStep } from '@wafer/timing';
import type { HostFigures, HostTime } from '@wafer/timing';
import { BenchRow } from '../cut/bench-row.ts';
import type { BenchTask, Repetition } from '../cut/bench-row.ts';
import type { StartWafer } from '../cut/wall-part.ts';
import { medianOf } from '../statistics.ts';

/** What a row is of. */
export interface HostRowName {
  model: string;
  tiles: number;
  /** `none` where nothing is cut. */
  link: string;
}

/** Milliseconds of a round. */
export interface HostTimes {
  decodeMs: number;
  prefillMs: number;
  /** Of the tiles' time. */
  computeShare: number;
}

export class HostRow {
  readonly name: HostRowName;
  readonly #row: BenchRow;
  readonly #task: BenchTask;
  readonly #threadOf: readonly number[];

  private constructor(
    name: HostRowName,
    parts: { row: BenchRow; task: BenchTask; threadOf: number[] },
  ) {
    this.name = name;
    this.#row = parts.row;
    this.#task = parts.task;
    this.#threadOf = parts.threadOf;
  }

  /** Starts the wafer and asks it once. */
  static async open(
    name: HostRowName,
    use: { model: Model; task: BenchTask; options: Partial<WaferOptions>; start: StartWafer },
  ): Promise<HostRow> {
    const options = { ...use.options, model: use.model };
    const resolved = resolveOptions(options, use.model);
    const wafer = await use.start(options);
    const row = new BenchRow({
      name: `${name.model} ${name.tiles} ${name.link}`,
      link: name.link === 'none' ? undefined : name.link,
      wafer,
      chipOf: resolved.dice.chipOf,
    });
    await row.warmUp(use.task);
    return new HostRow(name, { row, task: use.task, threadOf: threadsByTile(resolved) });
  }

  get wafer(): Wafer {
    return this.#row.wafer;
  }

  /** Asks once more. */
  async measure(): Promise<HostTimes> {
    await this.#row.repeat(this.#task);
    const { gapsMs, prefillRate, shares } = this.#row.repetitions.at(-1) as Repetition;
    const prefillMs = (this.#task.prompt.length / prefillRate) * 1000;
    return { decodeMs: medianOf(gapsMs), prefillMs, computeShare: shares.compute };
  }

  /** The median token of an answer. */
  tellDecode(figures: HostFigures): HostTime {
    const { prompt, maxTokens } = this.#task;
    const contextTokens = prompt.length + Math.floor(maxTokens / 2);
    return this.#tell(figures, decodeStep({ batch: 1, contextTokens }));
  }

  /** From the request to the first token, ns. */
  tellPrefill(figures: HostFigures): HostTime {
    const time = this.#tell(figures, prefillStep({ promptTokens: this.#task.prompt.length }));
    return { ...time, stepNs: time.stepNs + figures.requestNs };
  }

  /** Instructions that a tile runs for a token. */
  get callCount(): number {
    return this.wafer.plan.tiles[0]!.programs.infer.length;
  }

  #tell(figures: HostFigures, step: StepShape): HostTime {
    const { plan, dice } = this.wafer;
    return hostStepTime({ plan, step, figures, threadOf: this.#threadOf, chipOf: dice.chipOf });
  }
}
