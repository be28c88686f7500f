/**
 * Collectives on a group of tiles, written into the tiles' programs as sends and receives.
 *
 * On a rectangle they go along rows, then columns, so that a tile needs channels to its row and its
 * column only. Slices land in the receiver where the next op reads them: one copy in all.
 *
 *   all-gather    row: each tile sends its part to its row; column: each sends its row's parts on;
 *                 a part is columns of all rows, or the rows of a tile's experts
 *   broadcast     the root's row, then every column
 *   tree reduce   distance 1, 2, 4 …: the upper partner sends, the lower one adds; fixed order
 */
import type { ChannelBuilder, ChannelUse, TileBuilder } from './builder.ts';
import type { Group } from './grid.ts';
import { joinRanges } from './shard.ts';
import type { ProgramsOpen } from './programs.ts';
import type { Range } from './shard.ts';
import type { Rows } from '../ops/operands.ts';
import type { CollectiveKind } from './plan.ts';
import { F32_BYTES } from '../ops/cost.ts';

/** A group's tiles under construction, in the group's order. */
export interface Members {
  group: Group;
  tiles: readonly TileBuilder[];
  channels: ChannelBuilder;
  /** Which programs are written. */
  open: ProgramsOpen;
}

/** A window that every member has: the same name, each at its own address. */
export interface Window {
  name: string;
  rows: (tile: TileBuilder) => Rows;
}

/** Collects each tile's outgoing and incoming channels of one phase. */
class Phase {
  readonly #outgoing = new Map<TileBuilder, number[]>();
  readonly #incoming = new Map<TileBuilder, number[]>();
  readonly #members: Members;

  constructor(members: Members) {
    this.#members = members;
  }

  /** Copies part of a window from one member to another. */
  copy(
    { name: window, rows }: Window,
    ends: { from: number; to: number },
    use: Omit<ChannelUse, 'window'>,
  ): void {
    if (use.columns.count === 0 || ends.from === ends.to) return;
    const source = member(this.#members, ends.from);
    const target = member(this.#members, ends.to);
    const channel = this.#members.channels.connect(
      { tile: source, rows: rows(source) },
      { tile: target, rows: rows(target) },
      { window, ...use },
    );
    append(this.#outgoing, source, channel);
    append(this.#incoming, target, channel);
  }

  /** Whether a tile sends in this phase. */
  sends(tile: TileBuilder): boolean {
    return this.#outgoing.has(tile);
  }

  /**
   * Writes the phase into the programs: sends first, so that all are under way before a wait.
   * `completed`: the all-reduce whose sum a tile is the first to hand out.
   */
  emit(
    received: Map<TileBuilder, number[]>,
    completed?: { tile: TileBuilder; collective: number },
  ): void {
    for (const [tile, channels] of this.#outgoing) {
      const more = completed?.tile === tile ? { completes: completed.collective } : {};
      tile.emit({ op: 'send', channels, ...more });
    }
    for (const [tile, channels] of this.#incoming) {
      tile.emit({ op: 'receive', channels });
      for (const channel of channels) append(received, tile, channel);
    }
  }
}

/** What every member gets of every other. */
export interface Gather {
  window: Window;
  /** By member: columns of all rows, or experts whose rows these are. */
  parts: readonly Range[];
  /** Which rows columns have. Default: those of the step. */
  kind?: 'rows' | 'slots';
  /** Where parts are experts: what their rows hold, and where a tile keeps their starts. */
  routed?: { columns: Range; starts: (tile: TileBuilder) => number };
}

/**
 * Every member gets every member's part, of several windows at once. Returns the channels each
 * tile must release once it has read the windows.
 */
export function gather(members: Members, gathers: readonly Gather[]): Map<TileBuilder, number[]> {
  const received = new Map<TileBuilder, number[]>();
  if (isAlone(members)) return received;
  const { columns: width, rows: height } = members.group;
  const along = new Phase(members);
  for (const one of gathers) {
    const collective = openGather(members, one);
    forEachPair(width, height, (row, source, target) => {
      const [from, to] = [row * width + source, row * width + target];
      copyPart(along, members, one, { from, to, part: one.parts[from]!, collective });
    });
  }
  along.emit(received);
  const across = new Phase(members);
  for (const one of gathers) {
    const collective = openGather(members, one);
    forEachPair(height, width, (column, source, target) => {
      const part = joinRanges(one.parts.slice(source * width, (source + 1) * width));
      const [from, to] = [source * width + column, target * width + column];
      copyPart(across, members, one, { from, to, part, collective });
    });
  }
  across.emit(received);
  return received;
}

function copyPart(
  phase: Phase,
  members: Members,
  { window, kind = 'rows', routed }: Gather,
  use: { from: number; to: number; part: Range; collective: number },
): void {
  const { part, collective, ...ends } = use;
  if (part.count === 0) return;
  if (!routed) return phase.copy(window, ends, { collective, kind, columns: part });
  const starts = routed.starts(member(members, ends.from));
  const { columns } = routed;
  const own = { experts: part, starts };
  phase.copy(window, ends, { collective, kind: 'routed', columns, routed: own });
}

/** A gather as part of the plan; of experts, a row counts for one of them. */
function openGather(members: Members, { window, parts, routed }: Gather): number {
  const width = routed?.columns.count ?? parts.reduce((sum, part) => sum + part.count, 0);
  return openCollective(members, { kind: 'all-gather', window, width });
}

function openCollective(
  { tiles, channels }: Members,
  use: { kind: CollectiveKind; window: Window; width: number },
): number {
  return channels.collective(use.window.name, {
    kind: use.kind,
    members: tiles.map((tile) => tile.index),
    bytesPerRow: use.width * F32_BYTES,
  });
}

/** Every member gets the first member's rows. Returns the channels to release, by tile. */
export function broadcast(
  members: Members,
  window: Window,
  columns: Range,
): Map<TileBuilder, number[]> {
  if (isAlone(members)) return new Map();
  const width = columns.count;
  const collective = openCollective(members, { kind: 'broadcast', window, width });
  return handOut(members, window, { columns, collective, isSum: false });
}

/** The first member's rows to its row, then to every column. */
function handOut(
  members: Members,
  window: Window,
  { columns, collective, isSum }: { columns: Range; collective: number; isSum: boolean },
): Map<TileBuilder, number[]> {
  const received = new Map<TileBuilder, number[]>();
  const { group } = members;
  const root = member(members, 0);
  const use = { collective, kind: 'rows', columns } as const;
  const along = new Phase(members);
  for (let x = 1; x < group.columns; x++) along.copy(window, { from: 0, to: x }, use);
  along.emit(received, isSum ? { tile: root, collective } : undefined);
  const isUnsent = isSum && !along.sends(root);
  const across = new Phase(members);
  for (let x = 0; x < group.columns; x++) {
    for (let y = 1; y < group.rows; y++) {
      across.copy(window, { from: x, to: y * group.columns + x }, use);
    }
  }
  across.emit(received, isUnsent ? { tile: root, collective } : undefined);
  return received;
}

/** Where an all-reduce works. */
export interface ReduceWindows {
  /** A member's part; the first member ends with the sum. */
  partial: Window;
  /** Where a partner's rows land, by level of the tree. */
  inbox: (tile: TileBuilder, level: number) => Rows;
  /** Where members find the sum. */
  total: Window;
}

/**
 * Adds the members' partial rows in a fixed binary tree, then hands out the sum. Returns the
 * channels to release, by tile.
 */
export function allReduce(
  members: Members,
  windows: ReduceWindows,
  use: { columns: Range; participantCount: number },
): Map<TileBuilder, number[]> {
  if (isAlone(members)) return new Map();
  const { columns } = use;
  const { partial: window, total } = windows;
  const width = columns.count;
  const collective = openCollective(members, { kind: 'all-reduce', window, width });
  treeReduce(members, windows, { ...use, collective });
  return handOut(members, total, { columns, collective, isSum: true });
}

function treeReduce(
  members: Members,
  { partial, inbox }: ReduceWindows,
  use: { columns: Range; participantCount: number; collective: number },
): void {
  const { columns, collective } = use;
  for (let level = 0, distance = 1; distance < use.participantCount; level++, distance *= 2) {
    for (let lower = 0; lower + distance < use.participantCount; lower += 2 * distance) {
      const source = member(members, lower + distance);
      const target = member(members, lower);
      const rows = inbox(target, level);
      const channel = members.channels.connect(
        { tile: source, rows: partial.rows(source) },
        { tile: target, rows },
        { window: `${partial.name}.level${level}`, collective, kind: 'rows', columns },
      );
      source.emit({ op: 'send', channels: [channel] });
      target.emit(
        { op: 'receive', channels: [channel] },
        { op: 'add', target: partial.rows(target), source: rows, reduces: collective },
        { op: 'release', channels: [channel] },
      );
    }
  }
}

/** Gives windows back, on every tile that received. */
export function releaseAll(received: ReadonlyMap<TileBuilder, number[]>): void {
  for (const [tile, channels] of received) tile.emit({ op: 'release', channels });
}

/** A tile alone has all already. */
function isAlone({ tiles }: Members): boolean {
  return tiles.length === 1;
}

function member(members: Members, index: number): TileBuilder {
  const tile = members.tiles[index];
  if (!tile) throw new RangeError(`group has no member ${index}`);
  return tile;
}

/** Calls with every ordered pair of different places on each of `lines` lines of `length`. */
function forEachPair(
  length: number,
  lines: number,
  call: (line: number, source: number, target: number) => void,
): void {
  for (let line = 0; line < lines; line++) {
    for (let source = 0; source < length; source++) {
      for (let target = 0; target < length; target++) {
        if (source !== target) call(line, source, target);
      }
    }
  }
}

function append(map: Map<TileBuilder, number[]>, tile: TileBuilder, channel: number): void {
  const list = map.get(tile);
  if (list) list.push(channel);
  else map.set(tile, [channel]);
}
