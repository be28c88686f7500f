/**
 * Options of the virtual clock: the tiles compute real tokens, and tell another machine's time.
 */
import { Option } from 'commander';
import type { Command } from 'commander';
import { elementBytesOf, findMachine, formatRate, MACHINES, plural } from '@wafer/core';
import type { Dice, LinkSpec, MachineSpec } from '@wafer/core';
import type { LinkKind, Piece, VirtualFigures, VirtualOptions } from '@wafer/runtime';
import { LINK_KINDS, LINK_TRAITS } from '@wafer/runtime/internal';
import type { ExchangeKind } from '@wafer/timing';
import { LINK_NAMES, readLink } from './link-values.ts';

/** What commander makes of the options below. */
export interface VirtualFlags {
  as?: string;
  link?: LinkKind | LinkSpec;
  allReduce?: ExchangeKind;
  injectDelays?: true;
}

const MACHINE_DEFAULT = 'h100';

export function addVirtualOptions(command: Command): void {
  const machines = MACHINES.map(({ name }) => name).join(', ');
  const options = [
    new Option(
      '--as <machine>',
      `also tell the time of ${machines} (default with --link: ${MACHINE_DEFAULT})`,
    ),
    new Option(
      '--link <name>',
      `what joins chips: ${LINK_KINDS.map(kindText).join(', ')}; or, told in virtual time, ` +
        `${LINK_NAMES}, or latency=5us,bandwidth=50GB/s,overhead=10us (default: port)`,
    ).argParser(readLinkOrKind),
    new Option('--all-reduce <kind>', 'what sums cost with --plan megatron (default: messages)')
      // What a run sends, or what a library would take for it.
      .choices(['messages', 'custom', 'nccl']),
    new Option(
      '--inject-delays',
      'really hold messages between chips for as long as the link takes',
    ),
  ];
  for (const option of options) command.addOption(option.helpGroup('Chips:'));
}

function kindText(kind: LinkKind): string {
  return `${kind} (${LINK_TRAITS[kind].chips})`;
}

/** A kind of real link, or a described one. */
function readLinkOrKind(text: string): LinkKind | LinkSpec {
  const kind = LINK_KINDS.find((each) => each === text);
  return kind ?? readLink(text, LINK_KINDS);
}

/** What the flags ask of the virtual clock; undefined: none. Throws: PLAN_OPTION. */
export function virtualOptions(flags: VirtualFlags): VirtualOptions | undefined {
  const { as, allReduce, injectDelays } = flags;
  const link = typeof flags.link === 'string' ? undefined : flags.link;
  if ([as, link, allReduce, injectDelays].every((flag) => flag === undefined)) return undefined;
  const machine = findMachine(as ?? MACHINE_DEFAULT);
  return {
    machine,
    link,
    collective: allReduce,
    elementBytes: elementBytesOf(machine),
    injectDelays: injectDelays ?? false,
  };
}

/** Which clock it is: `H100 ×2 over nvlink4`. */
export function clockText(
  clock: { machine: MachineSpec; link?: LinkSpec; collective?: ExchangeKind },
  dice: Dice,
): string {
  const { machine, link, collective = 'messages' } = clock;
  const chipCount = dice.chips.width * dice.chips.height;
  const name = machine.name.toUpperCase();
  if (chipCount === 1) return name;
  const cut = machine.covers === 'chip' ? `×${chipCount}` : `in ${plural(chipCount, 'chip')}`;
  const library = collective === 'messages' ? '' : `, ${collective} all-reduce`;
  return `${name} ${cut} over ${link?.name ?? 'nothing'}${library}`;
}

/** How fast an answer came on the virtual clock. */
export interface VirtualSpeed {
  prefillVirtualNs: number;
  decodeVirtualNs: number;
  prefillTokensPerSecond: number;
  decodeTokensPerSecond: number;
}

/** Speed of the first answer of a wafer, whose clock began with it. */
export function virtualSpeed(pieces: readonly Piece[], promptCount: number): VirtualSpeed {
  const prefillVirtualNs = pieces[0]?.virtualNs ?? 0;
  const decodeVirtualNs = (pieces.at(-1)?.virtualNs ?? 0) - prefillVirtualNs;
  const rate = (count: number, ns: number): number => (ns > 0 ? (count / ns) * 1e9 : 0);
  return {
    prefillVirtualNs,
    decodeVirtualNs,
    prefillTokensPerSecond: rate(promptCount, prefillVirtualNs),
    decodeTokensPerSecond: rate(Math.max(0, pieces.length - 1), decodeVirtualNs),
  };
}

/** The virtual part of the closing line. */
export function virtualText(
  speed: VirtualSpeed,
  use: { clock: string; figures: VirtualFigures | undefined },
): string {
  const rates =
    `prompt ${formatRate(speed.prefillTokensPerSecond)}/s, ` +
    `generated ${formatRate(speed.decodeTokensPerSecond)}/s`;
  return `virtual clock: ${use.clock}: ${rates}${delayText(use.figures?.delays)}`;
}

function delayText(delays: VirtualFigures['delays']): string {
  if (delays?.medianError === undefined || delays.medianHeldNs === undefined) return '';
  const [held, asked] = [delays.medianHeldNs, delays.medianAskedNs!].map((ns) =>
    (ns / 1e6).toFixed(2),
  );
  const error = (100 * delays.medianError).toFixed(2);
  const { heldCount } = delays;
  const messages = plural(heldCount, 'message');
  return ` · ${messages} held ${held} ms of ${asked} asked, median error ${error}%`;
}
