/**
 * Options of the virtual clock, checked before a thread starts. Throws: PLAN_OPTION,
 * MACHINE_PARAMETER.
 *
 * The plan is walked once for one token: what the machine or the link lacks shows there.
 */
import { availableParallelism } from 'node:os';
import { findLink, findMachine, hasRowIndices, WaferError } from '@wafer/core';
import type { Dice, LinkSpec, MachineSpec, Plan } from '@wafer/core';
import type { ClockOptions, ExchangeKind, Terms } from '@wafer/timing';
import { LINK_TRAITS } from '../link-kind.ts';
import type { LinkKind } from '../link-kind.ts';

/** A machine that the tiles tell the time of, while they compute real tokens. */
export interface VirtualOptions {
  /** A described machine, or its name, as `h100`. */
  machine: MachineSpec | string;
  /** What joins the chips, or its name; needed where the wafer is cut. */
  link?: LinkSpec | string | undefined;
  /** What the reduces of the Megatron plan cost. Default: `messages`. */
  collective?: ExchangeKind | undefined;
  /** Bytes that the machine has for an activation. Default: 4, as the tiles here have. */
  elementBytes?: 2 | 4 | undefined;
  /** Which causes of delay count. Default: all. */
  terms?: Terms | undefined;
  /** How many tiles share a chip's peaks. Default: tiles over chips. */
  tilesPerChip?: number | undefined;
  /** Whether messages across kerfs are really held until the link had delivered them. */
  injectDelays?: boolean | undefined;
}

/** Resolved: plain data for every thread. */
export interface VirtualSetup {
  clock: ClockOptions;
  injectDelays: boolean;
}

/** Waking a thread takes up to a tenth of this. */
const HELD_NS_MIN = 500_000;

export function resolveVirtual(
  options: VirtualOptions | undefined,
  dice: Dice,
  carrier: LinkKind,
): VirtualSetup | undefined {
  if (options === undefined) return undefined;
  if (LINK_TRAITS[carrier].chips !== 'threads') {
    const expected = 'port: the clock of all tiles lies in the memory of one process';
    throw new WaferError('PLAN_OPTION', { option: 'link', value: carrier, expected });
  }
  const {
    machine,
    link,
    injectDelays = false,
    collective,
    elementBytes,
    terms,
    tilesPerChip,
  } = options;
  const { width, height } = dice.chips;
  const setup: VirtualSetup = {
    clock: {
      machine: typeof machine === 'string' ? findMachine(machine) : machine,
      dice,
      collective: collective ?? 'messages',
      elementBytes: elementBytes ?? 4,
      ...(link === undefined ? {} : { link: typeof link === 'string' ? findLink(link) : link }),
      ...(terms === undefined ? {} : { terms }),
      ...(tilesPerChip === undefined ? {} : { tilesPerChip }),
    },
    injectDelays,
  };
  if (injectDelays)
    checkInjection(setup, { chipCount: width * height, tileCount: dice.chipOf.length });
  return setup;
}

/** Walks one token and, where messages are held, looks for one that is too quick. */
export async function checkVirtual(plan: Plan, setup: VirtualSetup | undefined): Promise<void> {
  if (setup === undefined) return;
  const { clockSetup, decodeStep, partsNs, walkPlan } = await import('@wafer/timing');
  walkPlan(plan, { ...setup.clock, step: decodeStep({ batch: 1, contextTokens: 0 }) });
  if (!setup.injectDelays) return;
  const { costs } = clockSetup(plan, setup.clock);
  for (const channel of plan.channels) {
    const { isKerf, link } = costs.cost(channel, hasRowIndices(channel.kind) ? 0 : 1);
    const delayNs = partsNs(link);
    if (!isKerf || delayNs >= HELD_NS_MIN) continue;
    const expected = `a link whose messages take ${HELD_NS_MIN} ns or more, to be held`;
    const value = `${setup.clock.link?.name}, ${Math.round(delayNs)} ns`;
    throw new WaferError('PLAN_OPTION', { option: 'link', value, expected });
  }
}

function checkInjection(
  { clock }: VirtualSetup,
  counts: { chipCount: number; tileCount: number },
): void {
  const refuse = (option: string, value: unknown, expected: string): never => {
    throw new WaferError('PLAN_OPTION', { option, value, expected });
  };
  const { chipCount, tileCount } = counts;
  if (chipCount < 2)
    refuse('injectDelays', true, 'a wafer that is cut: messages are held at kerfs');
  if (clock.link === undefined)
    refuse('injectDelays', true, 'a described link that says for how long');
  if (clock.collective !== 'messages') {
    refuse('collective', clock.collective, 'messages, where they are held');
  }
  const cores = availableParallelism();
  if (tileCount > cores) {
    refuse('grid', `${tileCount} tiles`, `at most ${cores} tiles, one per core, to hold messages`);
  }
}
