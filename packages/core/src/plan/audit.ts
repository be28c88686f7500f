/**
 * What a plan says will travel: messages and payload bytes of every channel, for any step.
 *
 * The counters of a run must equal this to the byte. Which rows go to whose experts is decided as
 * a model runs: there the audit takes the rows that the experts of each tile computed, and without
 * them an even share. Over all tiles both are the same. Headers and credits are overhead, counted
 * apart by the links that add them; host channels (step records, logits) are audited apart, too.
 */
import type { ChannelPlan, Plan } from './plan.ts';
import { routeLinks } from './grid.ts';
import { PROGRAM_NAMES } from './programs.ts';
import type { ProgramName } from './programs.ts';

const F32_BYTES = 4;

/** Traffic of one channel. */
export interface ChannelTraffic {
  channel: number;
  messages: number;
  payloadBytes: number;
}

/** A step as the audit takes it: which program ran, and the token of each row. */
export interface AuditedStep {
  program: ProgramName;
  tokens: ArrayLike<number>;
}

/**
 * Traffic of every channel for these steps.
 * `expertRows`: rows that the experts of each tile computed, over all steps and layers.
 */
export function auditSteps(
  plan: Plan,
  steps: readonly AuditedStep[],
  expertRows?: readonly number[],
): ChannelTraffic[] {
  const ran = PROGRAM_NAMES.map((program) => {
    const own = steps.filter((step) => step.program === program);
    const rowCount = own.reduce((sum, { tokens }) => sum + tokens.length, 0);
    return { sends: sendsPerStep(plan, program), stepCount: own.length, rowCount };
  });
  return plan.channels.map((channel) => {
    const { index, source, kind, columnCount } = channel;
    const rowBytes = columnCount * F32_BYTES;
    const messages = ran.reduce((sum, { sends, stepCount }) => sum + sends[index]! * stepCount, 0);
    if (kind === 'routed' && expertRows) {
      const rows = rowsOfExperts(plan, channel, expertRows);
      return { channel: index, messages, payloadBytes: rows * rowBytes };
    }
    if (kind !== 'owned') {
      const rows = ran.reduce(
        (sum, { sends, rowCount }) => sum + sends[index]! * messageRows(plan, channel, rowCount),
        0,
      );
      return { channel: index, messages, payloadBytes: rows * rowBytes };
    }
    const owned = plan.embedOwners[source]!;
    let rows = 0;
    for (const { tokens } of steps) {
      for (let row = 0; row < tokens.length; row++) {
        const id = tokens[row]! - owned.start;
        if (id >= 0 && id < owned.count) rows++;
      }
    }
    return { channel: index, messages, payloadBytes: rows * rowBytes };
  });
}

/**
 * Rows of a message of a step of `rowCount` rows; for `routed` channels what an even routing gives,
 * which may be a fraction. Not for `owned` channels.
 */
export function messageRows(plan: Plan, channel: ChannelPlan, rowCount: number): number {
  const { expertCount, chosenCount } = plan.spec.experts ?? { expertCount: 1, chosenCount: 1 };
  if (channel.kind === 'rows') return rowCount;
  const slots = rowCount * chosenCount;
  return channel.routed ? (slots * channel.routed.experts.count) / expertCount : slots;
}

/** Rows computed by the experts of a channel: those of its source, or of its source's row. */
function rowsOfExperts(
  plan: Plan,
  { source, routed }: ChannelPlan,
  expertRows: readonly number[],
): number {
  const { start, count } = routed!.experts;
  const { stage } = plan.tiles[source]!;
  let rows = 0;
  for (const tile of plan.tiles) {
    const { experts } = tile;
    const isInside = experts.start >= start && experts.start + experts.count <= start + count;
    if (tile.stage === stage && experts.count > 0 && isInside) rows += expertRows[tile.index]!;
  }
  return rows;
}

/** How often each channel is sent on in one step of a program. */
export function sendsPerStep(plan: Plan, name: ProgramName): number[] {
  const sends = new Array<number>(plan.channels.length).fill(0);
  for (const { programs } of plan.tiles) {
    for (const instruction of programs[name]) {
      if (instruction.op !== 'send') continue;
      for (const channel of instruction.channels) sends[channel]!++;
    }
  }
  return sends;
}

/** Bytes that one decoded token moves over all channels, and over each mesh link. */
export interface TokenTraffic {
  messages: number;
  payloadBytes: number;
  /** Bytes per link, by `from>to` of tile indices; derived from the routes, not measured. */
  links: Map<string, number>;
}

/** Traffic of a step of one token. The owner of its embedding is taken to be `token`'s. */
export function tokenTraffic(plan: Plan, token = 0): TokenTraffic {
  const traffic = auditSteps(plan, [{ program: 'infer', tokens: [token] }]);
  const links = new Map<string, number>();
  let messages = 0;
  let payloadBytes = 0;
  for (const { channel, ...use } of traffic) {
    messages += use.messages;
    payloadBytes += use.payloadBytes;
    const { source, target } = plan.channels[channel]!;
    for (const { from, to } of routeLinks(plan.options.grid, source, target)) {
      const key = `${from}>${to}`;
      links.set(key, (links.get(key) ?? 0) + use.payloadBytes);
    }
  }
  return { messages, payloadBytes, links };
}
