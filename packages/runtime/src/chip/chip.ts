/**
 * One chip of a wafer in this process: its plan, its memories, its links, its tile threads.
 *
 * This thread owns the sockets and never blocks: it wakes by its doorbell or by the network.
 */
import { WaferError } from '@wafer/core';
import type { Plan } from '@wafer/core';
import { Doorbell } from '@wafer/fabric';
import type { FramePayload, LinkAddress, LinkMessage } from '@wafer/fabric/links';
import { openModel } from '@wafer/models';
import type { ShardError } from '@wafer/models';
import { Fleet } from '../fleet/fleet.ts';
import type { FleetOptions } from '../fleet/wafer-fleet.ts';
import { planFor } from '../plan-model.ts';
import type { ChipBody, ChipParts, ChipProgram } from './chip-body.ts';
import { ChipLinks } from './chip-links.ts';
import { ChipMemories } from './chip-memories.ts';
import { connectPeers, workWhenRung } from './chip-peers.ts';
import { readCounters } from './counters.ts';
import { HostEnd } from './host-end.ts';
import { modelDigest } from './model-digest.ts';
import { HOST_CHANNEL, hashPlan, hostChannels } from './protocol.ts';
import type { ChipCounters, ChipSetup } from './protocol.ts';
import { SlotEnd } from './slot-end.ts';

const STATUS_INTERVAL_MS = 100;

/** A chip of a wafer that runs a model. */
export const INFERENCE: ChipProgram<ChipSetup> = {
  channels: hostChannels('chip'),
  plan: (setup, parts) => Chip.plan(setup, parts),
};

export class Chip implements ChipBody {
  readonly setup: ChipSetup;
  readonly plan: Plan;
  readonly fleet: Fleet;
  readonly links: ChipLinks;
  readonly host: HostEnd;
  readonly slots: SlotEnd;
  readonly #parts: ChipParts;
  readonly #options: FleetOptions;
  readonly #linked = Promise.withResolvers<void>();

  private constructor(setup: ChipSetup, plan: Plan, parts: ChipParts) {
    const { chip, chipOf, threadCount, hugePages, spinCount, limits } = setup;
    this.setup = setup;
    this.plan = plan;
    this.#parts = parts;
    const tiles = plan.tiles.map(({ index }) => index).filter((tile) => chipOf[tile] === chip);
    const boxes = new ChipMemories(plan, { tiles, chipOf, threadCount });
    const dice = { chips: plan.options.grid, chipOf };
    this.#options = { threadCount, hugePages, traceRecords: 0, dice, virtual: undefined, limits };
    const { onFailure } = parts;
    const listener = { onEvents: () => undefined, onCrash: onFailure };
    const part = { tiles, spinCount, chipTasks: boxes.tasks };
    this.fleet = new Fleet(plan, this.#options, listener, part);
    const { memories, doorbells, host } = this.fleet;
    const threadOf = this.fleet.threadOf(plan, threadCount);
    const shared = { plan, chip, chipOf, memories, doorbells, threadOf };
    this.links = new ChipLinks({
      ...shared,
      boxes,
      tagBytes: parts.link.tagBytes,
      onOpen: () => this.#noteLinks(),
      onEnd: (error) => error !== undefined && onFailure(error),
    });
    this.host = new HostEnd({ ...shared, link: parts.link, host });
    this.slots = new SlotEnd({ ...shared, link: parts.link });
  }

  /** Plans as the parent did. Throws: LINK_MISMATCH, and the model's errors on another host. */
  static async plan(setup: ChipSetup, parts: ChipParts): Promise<Chip> {
    const { spec, source, options, chip } = setup;
    await checkModel(setup);
    const plan = planFor({ spec, tensors: source.tensors, options });
    const [actual, expected] = [hashPlan(plan), setup.planHash];
    if (actual !== expected) throw mismatch(chip, 'plan', { actual, expected });
    return new Chip(setup, plan, parts);
  }

  get chip(): number {
    return this.setup.chip;
  }

  /** Opens links; resolves when all links are open and all is loaded. */
  async start(addresses: readonly LinkAddress[]): Promise<readonly ShardError[]> {
    const { setup, plan, fleet, links, host } = this;
    const parts = this.#parts;
    this.#noteLinks();
    connectPeers(links, { chip: setup.chip, addresses, parts });
    const timer = setInterval(() => host.reportLoaded(), STATUS_INTERVAL_MS);
    const doorbell = new Doorbell(fleet.doorbells, setup.threadCount);
    void workWhenRung(doorbell, [links, host], parts.onFailure);
    try {
      const use = { options: this.#options, rounding: parts.rounding };
      await Promise.all([fleet.load(plan, setup, use), this.#linked.promise]);
    } finally {
      clearInterval(timer);
    }
    host.reportLoaded();
    return fleet.shardErrors;
  }

  take(message: LinkMessage, payload: FramePayload): void {
    if (message.channel !== HOST_CHANNEL.slots) return this.host.takeRecord(message, payload);
    const id = this.slots.take(message, payload);
    if (id !== undefined) this.#parts.say({ kind: 'placed', id });
    return undefined;
  }

  flush(): void {
    this.host.flush();
  }

  counters(): ChipCounters {
    return readCounters(this.plan, this.fleet.memories, this.setup);
  }

  /** Ends threads and links. */
  async stop(): Promise<void> {
    this.links.close();
    await this.fleet.stop();
  }

  #noteLinks(): void {
    if (this.links.isOpen) this.#linked.resolve();
  }
}

/** On another host, files may differ though their names do not. Throws: LINK_MISMATCH. */
async function checkModel(setup: ChipSetup): Promise<void> {
  const { isJoined, source, model, chip } = setup;
  if (!isJoined || source.kind !== 'files') return;
  const own = await openModel(model);
  if (modelDigest(own.source) === setup.modelDigest) return;
  throw mismatch(chip, 'model', { actual: `another ${model}`, expected: `the one at ${model}` });
}

function mismatch(
  chip: number,
  field: string,
  values: { actual: string; expected: string },
): WaferError {
  return new WaferError('LINK_MISMATCH', { link: `Wafer.Chip[${chip}].Link`, field, ...values });
}
