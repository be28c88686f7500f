/**
 * Chips that are processes: each plans the same cut, computes its share and is asked for nothing
 * but bytes of its memory.
 *
 *   parent ═ link ═ chip 0 ═ link ═ chip 1 ═ … ═ parent       unix or TCP, frames of fabric/links
 *
 * A chip that dies, or whose process does not answer pings, ends the run with a code; what was
 * gathered last stands in a checkpoint. One failure is told of from several sides, see `SOURCES`.
 */
import { randomBytes } from 'node:crypto';
import { WaferError } from '@wafer/core';
import type { ErrorCode, Rounding } from '@wafer/core';
import type { LinkAddress, SocketLink } from '@wafer/fabric/links';
import { isRevectorized } from '@wafer/kernels';
import type { LinkKind } from '@wafer/runtime';
import {
  CAUSE_MS_MAX,
  chipDied,
  ChipProcesses,
  connectChip,
  ControlChannel,
  HOST_CHANNEL,
  socketOf,
} from '@wafer/runtime/chips';
import type { ParentOfChips, ToChip, ToParent } from '@wafer/runtime/chips';
import { programEntry } from '@wafer/runtime/programs';
import type { TrainProgram } from '../../network/program.ts';
import type { TrainLayout } from '../layout.ts';
import { memoryChannels, MemoryChannel, SAYS } from './chip-memory.ts';
import type { TrainChips } from './chips.ts';
import type { TrainCut } from './plan-cut.ts';
import { setupsOf } from './train-setup.ts';
import type { TrainSetup } from './train-setup.ts';

/** A frame that is not acknowledged ends a link: so a chip whose process stands still is found. */
const PING_MS = 1000;
/**
 * Who tells of a failure, the nearest to its cause first. A chip that dies breaks its links, and
 * one whose link to the run breaks ends by itself: what follows may be heard before its cause.
 */
const SOURCES = ['cause', 'link', 'peer', 'exit'] as const;
const CLOSE_MS_MAX = 5000;

interface Job {
  program: TrainProgram;
  layout: TrainLayout;
  memory: WebAssembly.Memory;
  rounding: Rounding;
  link: LinkKind;
}

type FailureSource = (typeof SOURCES)[number];

export class SocketChips implements TrainChips {
  readonly #job: Job;
  readonly #cut: TrainCut;
  readonly #failed = Promise.withResolvers<never>();
  readonly #parent: ParentOfChips;
  #processes: ChipProcesses | undefined;
  #ends: ChipEnd[] = [];
  #timer: NodeJS.Timeout | undefined;
  #isClosing = false;
  /** The nearest to the cause of what was told. */
  #failure: { error: WaferError; rank: number } | undefined;

  /** `job.memory` is the run's. */
  constructor(job: Job, cut: TrainCut) {
    this.#job = job;
    this.#cut = cut;
    // Nothing leaves this machine, so frames carry no tags.
    const { rounding } = job;
    this.#parent = { secret: randomBytes(32), isAuthenticated: false, rounding };
    this.#failed.promise.catch(() => undefined); // told to whoever waits
  }

  async begin(): Promise<void> {
    const { program, layout, memory, link } = this.#job;
    // Chips keep no process alive; this does.
    this.#timer = setInterval(() => this.#ping(), PING_MS);
    const { secret, ...known } = this.#parent;
    const order = {
      ...{ ...known, secret: Buffer.from(secret).toString('hex') },
      revectorize: isRevectorized(),
    };
    const processes = new ChipProcesses({
      ...{ count: this.#cut.chipCount, kind: socketOf(link), order, program: processUrl() },
      onExit: ({ error, isOwn }) => this.#fail(error, isOwn ? 'cause' : 'exit'),
    });
    this.#processes = processes;
    const addresses = await this.#unlessFailed(processes.addresses());
    this.#ends = setupsOf(program, layout, this.#cut).map(
      (setup) =>
        new ChipEnd(setup, {
          ...{ memory, parent: this.#parent, address: addresses[setup.chip]! },
          onFailure: (error, source) => this.#fail(error, source),
        }),
    );
    await this.#all((end) => end.said('planned'));
    for (const end of this.#ends) end.control.say({ kind: 'start', peers: addresses });
    await this.#all((end) => end.said('loaded'));
    const { constants, shares } = this.#cut;
    this.#ends.forEach(({ host }, chip) => {
      const { weights, moments } = shares[chip]!;
      host.write([...constants, ...weights, ...moments]);
    });
  }

  async step({ isEvaluation }: { isEvaluation: boolean }): Promise<void> {
    for (const { host } of this.#ends) host.write(this.#cut.inputs);
    await this.#ask(isEvaluation ? SAYS.evaluate : SAYS.step);
  }

  async gather(): Promise<void> {
    await this.#ask(SAYS.gather);
  }

  async close(): Promise<void> {
    this.#isClosing = true;
    clearInterval(this.#timer);
    for (const end of this.#ends) end.close();
    await this.#processes?.end(CLOSE_MS_MAX);
  }

  #ping(): void {
    for (const { control } of this.#ends) control.say({ kind: 'ping' });
  }

  async #ask(says: 1 | 2 | 3): Promise<void> {
    for (const { host } of this.#ends) host.say(says);
    await this.#all((end) => end.said('done'));
  }

  async #all(wait: (end: ChipEnd) => Promise<void>): Promise<void> {
    await this.#unlessFailed(Promise.all(this.#ends.map(wait)));
  }

  #unlessFailed<Result>(work: Promise<Result>): Promise<Result> {
    return Promise.race([work, this.#failed.promise]);
  }

  #fail(error: WaferError, source: FailureSource): void {
    if (this.#isClosing) return;
    const rank = SOURCES.indexOf(source);
    if (rank < (this.#failure?.rank ?? Infinity)) this.#failure = { error, rank };
    const delayMs = source === 'cause' ? 0 : CAUSE_MS_MAX;
    setTimeout(() => this.#failed.reject(this.#failure!.error), delayMs);
  }
}

type Word = 'planned' | 'loaded' | 'done';

/** The parent's end of the link to one chip. */
class ChipEnd {
  readonly control: ControlChannel<ToChip<TrainSetup>, ToParent>;
  readonly host: MemoryChannel;
  readonly #link: SocketLink;
  readonly #onFailure: (error: WaferError, source: FailureSource) => void;
  readonly #said: Record<Word, number> = { planned: 0, loaded: 0, done: 0 };
  #news = Promise.withResolvers<void>();

  constructor(
    setup: TrainSetup,
    parts: {
      memory: WebAssembly.Memory;
      parent: ParentOfChips;
      address: LinkAddress;
      onFailure(error: WaferError, source: FailureSource): void;
    },
  ) {
    const { address, parent, memory } = parts;
    const { chip } = setup;
    this.#onFailure = parts.onFailure;
    const flush = (): void => {
      this.control.flush();
      this.host.flush();
    };
    this.#link = connectChip({ address, chip }, parent, {
      channels: () => memoryChannels('parent'),
      onOpen: () => this.control.say(setup),
      onCredit: flush,
      onRoom: flush,
      onMessage: (message, payload) => {
        if (message.channel === HOST_CHANNEL.toParent) {
          const said = this.control.take(message, payload);
          if (said !== undefined) this.#hear(said);
        } else if (this.host.take(message, payload) === SAYS.done) this.#note('done');
      },
      onEnd: (error) => this.#fail(error ?? chipDied(chip, 'it closed its link'), 'link'),
    });
    const ids = { out: HOST_CHANNEL.toChip, in: HOST_CHANNEL.toParent };
    this.control = new ControlChannel(this.#link, ids);
    this.host = new MemoryChannel(this.#link, memory, 'parent');
    this.#link.opened.catch(() => undefined); // `onEnd` tells
  }

  /** Resolves when the chip has said it once more. */
  async said(word: Word): Promise<void> {
    while (this.#said[word] === 0) await this.#news.promise;
    this.#said[word]--;
  }

  close(): void {
    this.#link.close();
  }

  #hear(said: ToParent): void {
    if (said.kind === 'failed') {
      const { code, details } = said.error;
      this.#fail(new WaferError(code as ErrorCode, details), 'peer');
    } else if (said.kind === 'planned' || said.kind === 'loaded') this.#note(said.kind);
  }

  /** Tells of a failure: a link that broke may be another's doing. */
  #fail(error: WaferError, source: FailureSource): void {
    this.#onFailure(error, error.code === 'LINK_BROKEN' ? source : 'cause');
  }

  #note(word: Word): void {
    this.#said[word]++;
    this.#news.resolve();
    this.#news = Promise.withResolvers();
  }
}

/** In the repository a bundle, which starts sooner; it knows itself as this source. */
function processUrl(): URL {
  const ending = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  return programEntry(new URL(`./process.${ending}`, import.meta.url));
}
