/**
 * One chip of a wafer in this process: its links, its plan, its tile threads.
 *
 *   listening ── parent proved, setup ──▶ planned ── start ──▶ links, threads, loaded ──▶ running
 *       ▲ strangers are turned away          └──── the parent's link ends ──▶ ended
 *
 * This thread owns the sockets and never blocks: it wakes by its doorbell or by the network.
 */
import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { makePlan, WaferError } from '@wafer/core';
import type { Plan, Rounding } from '@wafer/core';
import { Doorbell } from '@wafer/fabric';
import { connectLink, LinkListener, SocketLink } from '@wafer/fabric/links';
import type {
  LinkAddress,
  LinkHandlers,
  LinkRole,
  LinkSpec,
  ListenerOptions,
} from '@wafer/fabric/links';
import { attentionScratchBytes, enableRevectorization, linearScratchBytes } from '@wafer/kernels';
import { Fleet } from '../fleet.ts';
import { openModel } from '../load/open-model.ts';
import { ChipLinks } from './chip-links.ts';
import { ChipMemories } from './chip-memories.ts';
import { HostEnd } from './host-end.ts';
import { CLOCK } from './link-clock.ts';
import { CHIP_UNKNOWN, HOST_CHANNEL, hashPlan, hostChannels, linkIdentity, PARENT } from './protocol.ts';
import type { ChipSetup, ToChip, ToParent } from './protocol.ts';
import { readCounters } from './counters.ts';
import { Talk } from './talk.ts';

export interface ChipOptions {
  listen: ListenerOptions;
  secret: Uint8Array;
  rounding: Rounding;
  /** Whether kernels run with 256-bit vectors, see `WaferOptions`. */
  revectorize: boolean;
  /** Ends the chip; it then throws the signal's reason. */
  signal?: AbortSignal | undefined;
  /** Told of the address once it listens, and of strangers that were turned away. */
  onListening(address: LinkAddress): void;
  onRefused(error: WaferError): void;
}

/** What is there once the plan is. */
interface Planned {
  setup: ChipSetup;
  plan: Plan;
  fleet: Fleet;
  links: ChipLinks;
  host: HostEnd;
}

const STATUS_INTERVAL_MS = 100;

/**
 * Serves one wafer as a chip, from the first proof to the end of the parent's link.
 * Throws: the error that ended the link.
 */
export async function serveChip(options: ChipOptions): Promise<void> {
  const { signal } = options;
  signal?.throwIfAborted();
  if (options.revectorize) enableRevectorization();
  const chip = new ChipProcess(options);
  const abort = (): void => chip.abort(signal?.reason);
  signal?.addEventListener('abort', abort, { once: true });
  const listener = await LinkListener.open(options.listen, (socket) => chip.accept(socket));
  try {
    options.onListening(listener.address);
    await chip.ended;
  } finally {
    signal?.removeEventListener('abort', abort);
    await chip.stop();
    listener.close();
  }
}

class ChipProcess {
  readonly #options: ChipOptions;
  readonly #ended = Promise.withResolvers<void>();
  readonly #linked = Promise.withResolvers<void>();
  #parent: { link: SocketLink; talk: Talk<ToParent, ToChip> } | undefined;
  #planned: Planned | undefined;
  #isEnding = false;

  constructor(options: ChipOptions) {
    this.#options = options;
  }

  get ended(): Promise<void> {
    return this.#ended.promise;
  }

  abort(reason: unknown): void {
    this.#ended.reject(reason);
  }

  /** Takes a connection; who it is shows when its link opens. */
  accept(socket: Socket): void {
    let handlers: LinkHandlers | undefined;
    const link: SocketLink = new SocketLink(socket, {
      spec: this.#spec('listen', this.#planned?.setup.chip ?? CHIP_UNKNOWN),
      clock: CLOCK,
      handlers: {
        channels: (peer) => {
          handlers = this.#handlersFor(peer, () => link);
          return handlers.channels(peer);
        },
        onOpen: (peer) => handlers?.onOpen(peer),
        onMessage: (message, payload) => handlers?.onMessage(message, payload),
        onCredit: (channel) => handlers?.onCredit(channel),
        onRoom: () => handlers?.onRoom(),
        onEnd: (error) => {
          if (handlers !== undefined) handlers.onEnd(error);
          else if (error !== undefined) this.#options.onRefused(error);
        },
      },
    });
  }

  /** Ends threads and links. */
  async stop(): Promise<void> {
    this.#isEnding = true;
    this.#planned?.links.close();
    await this.#planned?.fleet.stop();
  }

  #spec(role: LinkRole, chip: number): LinkSpec {
    const { secret, rounding } = this.#options;
    const name = chip === CHIP_UNKNOWN ? 'Wafer.Chip' : `Wafer.Chip[${chip}]`;
    return {
      name: `${name}.Link`,
      role,
      chip,
      identity: linkIdentity(rounding),
      secret,
      nonce: randomBytes(16),
    };
  }

  /** What a proved peer may do. Throws: LINK_FRAME. */
  #handlersFor(peer: number, link: () => SocketLink): LinkHandlers {
    const isExpected = peer === PARENT ? this.#parent === undefined : this.#planned !== undefined;
    if (!isExpected) {
      const reason = peer === PARENT ? 'a second parent' : `chip ${peer} before its own setup`;
      throw new WaferError('LINK_FRAME', { link: 'Wafer.Chip.Link', reason });
    }
    return peer === PARENT ? this.#parentHandlers(link) : this.#planned!.links.handlers(link);
  }

  #parentHandlers(link: () => SocketLink): LinkHandlers {
    const out = { out: HOST_CHANNEL.toParent, in: HOST_CHANNEL.toChip };
    const talk = new Talk<ToParent, ToChip>(link(), out);
    this.#parent = { link: link(), talk };
    const flush = (): void => {
      talk.flush();
      this.#planned?.host.flush();
    };
    return {
      channels: () => hostChannels('chip'),
      onOpen: () => undefined,
      onCredit: flush,
      onRoom: flush,
      onMessage: (message, payload) => {
        if (message.channel === HOST_CHANNEL.record) {
          this.#planned?.host.takeRecord(message, payload);
        } else {
          const said = talk.take(message, payload);
          if (said !== undefined) this.#obey(said).catch((error) => this.#fail(error));
        }
      },
      onEnd: (error) => {
        if (error === undefined) this.#ended.resolve();
        else this.#ended.reject(error);
      },
    };
  }

  #say(message: ToParent): void {
    this.#parent?.talk.say(message);
  }

  async #obey(said: ToChip): Promise<void> {
    if (said.kind === 'setup') {
      this.#planned = await this.#plan(said);
      this.#say({ kind: 'planned' });
    } else if (said.kind === 'start') {
      await this.#start(said.peers);
    } else {
      const { plan, fleet, setup } = this.#planned!;
      const counters = readCounters(plan, fleet.memories, setup);
      this.#say({ kind: 'counters', id: said.id, counters });
    }
  }

  async #plan(setup: ChipSetup): Promise<Planned> {
    const { spec, source, options, chip, chipOf, threadCount, spinCount } = setup;
    await checkModel(setup);
    const scratch = { linearBytes: linearScratchBytes, attentionBytes: attentionScratchBytes };
    const plan = makePlan({ spec, tensors: source.tensors, options, scratch });
    const [actual, expected] = [hashPlan(plan), setup.planHash];
    if (actual !== expected) throw mismatch(chip, 'plan', { actual, expected });
    const tiles = plan.tiles.map(({ index }) => index).filter((tile) => chipOf[tile] === chip);
    const boxes = new ChipMemories(plan, { tiles, chipOf, threadCount });
    const use = { threadCount, traceRecords: 0, dice: { chips: options.grid, chipOf } };
    const listener = {
      onEvents: () => undefined,
      onCrash: (error: Error) => this.#fail(error),
    };
    const part = { tiles, spinCount, chipTasks: boxes.tasks };
    const fleet = new Fleet(plan, use, listener, part);
    const { memories, doorbells, host } = fleet;
    const shared = { plan, chip, chipOf, memories, doorbells };
    const threadOf = fleet.threadOf(plan, threadCount);
    const links = new ChipLinks({
      ...shared,
      threadOf,
      boxes,
      onOpen: () => links.isOpen && this.#linked.resolve(),
      onEnd: (error) => error !== undefined && this.#fail(error),
    });
    const { link } = this.#parent!;
    return { setup, plan, fleet, links, host: new HostEnd({ ...shared, threadOf, link, host }) };
  }

  /** Opens links to chips of higher numbers, loads, and says so. */
  async #start(addresses: readonly LinkAddress[]): Promise<void> {
    const { setup, plan, fleet, links, host } = this.#planned!;
    if (links.isOpen) this.#linked.resolve();
    for (const peer of links.peers.filter((number) => number > setup.chip)) {
      const spec = { ...this.#spec('connect', setup.chip), name: linkName(setup.chip, peer) };
      const link: SocketLink = connectLink(addresses[peer]!, {
        spec,
        clock: CLOCK,
        handlers: links.handlers(() => link),
      });
    }
    const timer = setInterval(() => host.reportLoaded(), STATUS_INTERVAL_MS);
    void this.#turn();
    try {
      const options = { threadCount: setup.threadCount, traceRecords: 0, dice: diceOf(setup) };
      const loaded = fleet.load(plan, setup, { options, rounding: this.#options.rounding });
      await Promise.all([loaded, this.#linked.promise]);
    } finally {
      clearInterval(timer);
    }
    host.reportLoaded();
    this.#say({ kind: 'loaded' });
  }

  /** Does what the tile threads ask for, whenever they ring. */
  async #turn(): Promise<void> {
    const { fleet, links, host, setup } = this.#planned!;
    const doorbell = new Doorbell(fleet.doorbells, setup.threadCount);
    const hasWork = (): boolean => links.hasWork || host.hasWork;
    try {
      while (!doorbell.isStopped) {
        links.work();
        host.work();
        await doorbell.rungUnless(hasWork);
      }
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(reason: unknown): void {
    if (this.#isEnding) return;
    const thread = 'io';
    const error =
      reason instanceof WaferError
        ? reason
        : new WaferError('TILE_CRASHED', { thread, tiles: 'none', reason: String(reason) });
    const { code, details } = error.toJSON();
    this.#say({ kind: 'failed', error: { code, details } });
  }
}

function diceOf({ options, chipOf }: ChipSetup): { chips: ChipSetup['options']['grid']; chipOf: number[] } {
  return { chips: options.grid, chipOf };
}

function linkName(source: number, target: number): string {
  return `Wafer.Link[${source}-${target}]`;
}

function mismatch(
  chip: number,
  field: string,
  values: { actual: string; expected: string },
): WaferError {
  return new WaferError('LINK_MISMATCH', { link: `Wafer.Chip[${chip}].Link`, field, ...values });
}

/** On another host, files may differ though their names do not. Throws: LINK_MISMATCH. */
async function checkModel({ isJoined, source, model, chip }: ChipSetup): Promise<void> {
  if (!isJoined || source.kind !== 'files') return;
  const own = await openModel(model);
  const [actual, expected] = [JSON.stringify(own.source), JSON.stringify(source)];
  if (actual === expected) return;
  throw mismatch(chip, 'model', { actual: `another ${model}`, expected: `the one at ${model}` });
}
