/**
 * What the clock of this host tells of one wafer: its plan and its threads, and the steps of a
 * task. Nothing runs.
 */
import { programFor } from '@wafer/core';
import type { Plan, StepShape } from '@wafer/core';
import { LINK_TRAITS, threadsByTile, threadsInAll } from '@wafer/runtime/internal';
import type { ResolvedOptions } from '@wafer/runtime/internal';
import { decodeStep, hostStepTime } from '@wafer/timing';
import type { HostFigures, HostTime } from '@wafer/timing';

/** The steps that are told: the median token of an answer, and those of its prompt. */
export interface HostSteps {
  decode: StepShape;
  /** In their order; logits of the last alone. */
  prefill: StepShape[];
}

/** How long a question and its answer are. */
export interface TaskSize {
  promptTokens: number;
  maxTokens: number;
}

/** What a task asks of the clock; `prefillChunk` is the wafer's, rows of a prompt in one step. */
export function hostSteps(
  { promptTokens, maxTokens }: TaskSize,
  { prefillChunk }: Pick<ResolvedOptions, 'prefillChunk'>,
): HostSteps {
  const contextTokens = promptTokens + Math.floor(maxTokens / 2);
  const prefill: StepShape[] = [];
  for (let startPosition = 0; startPosition < promptTokens; startPosition += prefillChunk) {
    const rowCount = Math.min(prefillChunk, promptTokens - startPosition);
    const logitRows = startPosition + rowCount === promptTokens ? 1 : 0;
    const program = programFor(logitRows);
    prefill.push({ segments: [{ startPosition, rowCount }], logitRows, program });
  }
  return { decode: decodeStep({ batch: 1, contextTokens }), prefill };
}

export class ToldRow {
  readonly plan: Plan;
  readonly #steps: HostSteps;
  readonly #options: ResolvedOptions;
  readonly #threadOf: readonly number[];

  constructor(plan: Plan, { size, options }: { size: TaskSize; options: ResolvedOptions }) {
    this.plan = plan;
    this.#steps = hostSteps(size, options);
    this.#options = options;
    this.#threadOf = threadsByTile(options);
  }

  /** Whether its chips are processes. */
  get isBetweenProcesses(): boolean {
    const { dice, link } = this.#options;
    return new Set(dice.chipOf).size > 1 && LINK_TRAITS[link].chips === 'processes';
  }

  /** Instructions that a tile runs for a token. */
  get callCount(): number {
    return this.plan.tiles[0]!.programs.infer.length;
  }

  /** The median token of an answer. */
  decode(figures: HostFigures): HostTime {
    return this.#tell(figures, this.#steps.decode);
  }

  /** From the request to the first token, ns. */
  prefill(figures: HostFigures): HostTime {
    // Before its last step ends there is no token that the caller could look at.
    const silent = { ...figures, pieceNs: 0 };
    const times = this.#steps.prefill.map((step) => this.#tell(silent, step));
    const whole = (name: keyof HostTime): number =>
      times.reduce((sum, time) => sum + time[name], 0);
    return {
      stepNs: whole('stepNs') + figures.requestNs,
      opsNs: whole('opsNs'),
      callsNs: whole('callsNs'),
      messagesNs: whole('messagesNs'),
      turnNs: whole('turnNs'),
    };
  }

  #tell(figures: HostFigures, step: StepShape): HostTime {
    const own = { ...figures, spinNs: this.#canSpin(figures.cores) ? figures.spinNs : 0 };
    const { chipOf } = this.#options.dice;
    return hostStepTime({ plan: this.plan, step, figures: own, threadOf: this.#threadOf, chipOf });
  }

  /** Whether its threads look for work before they sleep: where they have cores to do so. */
  #canSpin(cores: number): boolean {
    return this.isBetweenProcesses
      ? threadsInAll(this.#options) < cores
      : this.#options.threadCount <= cores;
  }
}
