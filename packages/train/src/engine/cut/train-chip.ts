/**
 * A chip of a training run in a process of its own: a memory, its threads, and the thread of
 * sockets, which carries what they send and tells the parent what it asks.
 */
import type { Rounding } from '@wafer/core';
import { createDoorbells, Doorbell, ringStop } from '@wafer/fabric';
import type { FramePayload, LinkAddress, LinkMessage } from '@wafer/fabric/links';
import { compileTrainKernels } from '@wafer/kernels/train';
import { ChipLinks, ChipMemories, connectPeers, workWhenRung } from '@wafer/runtime/chips';
import type { ChipBody, ChipCounters, ChipParts, ChipProgram } from '@wafer/runtime/chips';
import { CONTROL, controlWords } from '../control.ts';
import { createTrainMemory } from '../memory.ts';
import { placesOf, startThreads } from '../threads.ts';
import type { Threads, WorkerJob } from '../threads.ts';
import { memoryChannels, MemoryChannel, SAYS } from './chip-memory.ts';
import type { TrainCut } from './plan-cut.ts';
import { planOf } from './train-setup.ts';
import type { TrainSetup } from './train-setup.ts';

/** A chip of a run that trains. */
export const TRAINING: ChipProgram<TrainSetup> = {
  channels: memoryChannels('chip'),
  plan: async (setup, parts) => new TrainChip(setup, parts),
};

class TrainChip implements ChipBody {
  readonly chip: number;
  readonly links: ChipLinks;
  readonly #parts: ChipParts;
  readonly #cut: TrainCut;
  readonly #job: Omit<WorkerJob, 'place' | 'crossing' | 'module'>;
  readonly #boxes: ChipMemories;
  readonly #doorbells: Int32Array;
  readonly #host: MemoryChannel;
  readonly #linked = Promise.withResolvers<void>();
  #threads: Threads | undefined;
  #steps = 0;

  constructor(setup: TrainSetup, parts: ChipParts) {
    const { chip } = setup;
    const { cut, ...job } = planOf(setup);
    this.chip = chip;
    this.#parts = parts;
    this.#cut = cut;
    const memory = createTrainMemory(cut.bytes);
    this.#job = { ...job, memory };
    const { first, threadCount } = cut.shares[chip]!;
    const threads = Array.from({ length: threadCount }, (_, index) => first + index);
    this.#boxes = new ChipMemories(cut, { tiles: threads, chipOf: cut.chipOf, threadCount });
    this.#doorbells = createDoorbells(threadCount + 1);
    this.links = new ChipLinks({
      ...{ plan: cut, chip, chipOf: cut.chipOf, boxes: this.#boxes, doorbells: this.#doorbells },
      memories: new Map(threads.map((thread) => [thread, memory])),
      threadOf: cut.chipOf.map((_, thread) => thread - first),
      tagBytes: parts.link.tagBytes,
      onOpen: () => this.#noteLinks(),
      onEnd: (error) => error !== undefined && parts.onFailure(error),
    });
    this.#host = new MemoryChannel(parts.link, memory, 'chip');
  }

  async start(addresses: readonly LinkAddress[]): Promise<readonly []> {
    const { chip, links } = this;
    const parts = this.#parts;
    this.#noteLinks();
    connectPeers(links, { chip, addresses, parts });
    const { threadCount } = this.#cut.shares[chip]!;
    void workWhenRung(new Doorbell(this.#doorbells, threadCount), [links], parts.onFailure);
    await this.#linked.promise;
    this.#threads = startThreads([this.#jobs(parts.rounding)]);
    return [];
  }

  take(message: LinkMessage, payload: FramePayload): void {
    const said = this.#host.take(message, payload);
    if (said === undefined) return;
    const { ownRanges, moments } = this.#cut.shares[this.chip]!;
    if (said === SAYS.gather) this.#answer([...ownRanges, ...moments]);
    else this.#step(said === SAYS.evaluate).catch((error) => this.#parts.onFailure(error));
  }

  flush(): void {
    this.#host.flush();
  }

  /** Those of channels come with every step. */
  counters(): ChipCounters {
    return { tiles: [], channels: [], experts: [] };
  }

  async stop(): Promise<void> {
    this.links.close();
    ringStop(this.#doorbells);
    await this.#threads?.close();
  }

  #noteLinks(): void {
    if (this.links.isOpen) this.#linked.resolve();
  }

  async #step(isEvaluation: boolean): Promise<void> {
    const { memory, layout } = this.#job;
    const words = controlWords(memory, layout);
    Atomics.store(words, CONTROL.isEvaluation, isEvaluation ? 1 : 0);
    this.#steps++;
    await this.#threads!.step(this.#steps);
    this.#answer(this.#cut.shares[this.chip]!.reports);
  }

  #answer(ranges: Parameters<MemoryChannel['write']>[0]): void {
    this.#host.write(ranges);
    this.#host.say(SAYS.done);
  }

  #jobs(rounding: Rounding): WorkerJob[] {
    const { chip } = this;
    const cut = this.#cut;
    const { first, threadCount } = cut.shares[chip]!;
    const { memory, layout } = this.#job;
    const module = compileTrainKernels(rounding);
    const memories = new Map([[chip, memory]]);
    const shared = { cut, chip, memories, doorbells: this.#doorbells, firstThread: first };
    const places = placesOf(layout).slice(first, first + threadCount);
    return places.map((place, index) => {
      const task = this.#boxes.tasks[index];
      return {
        ...this.#job,
        module,
        place,
        crossing: { ...shared, sources: [], targets: [], task },
      };
    });
  }
}
