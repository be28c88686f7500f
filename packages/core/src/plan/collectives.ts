/**
 * Collectives on a group of tiles, written into the tiles' programs as sends and receives.
 *
 * On a rectangle they go along rows, then columns, so that a tile needs channels to its row and its
 * column only. Slices land in the receiver where the next op reads them: one copy in all.
 *
 *   all-gather    row: each tile sends its slice to its row; column: each sends its row's slices on
 *   expert gather the same with the rows of each tile's experts, one stretch per message
 *   broadcast     the root's row, then every column
 *   tree reduce   distance 1, 2, 4 …: the upper partner sends, the lower one adds; fixed order
 */
import type { ChannelBuilder, ChannelUse, TileBuilder } from './builder.ts';
import type { Group } from './grid.ts';
import { joinRanges } from './shard.ts';
import type { Range } from './shard.ts';
import type { Rows } from './program.ts';

/** A group's tiles under construction, in the group's order. */
export interface Members {
  group: Group;
  tiles: readonly TileBuilder[];
  channels: ChannelBuilder;
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
  readonly #window: Window;

  constructor(members: Members, window: Window) {
    this.#members = members;
    this.#window = window;
  }

  copy(
    source: TileBuilder,
    target: TileBuilder,
    columns: Range,
    use: Pick<ChannelUse, 'kind' | 'routed'> = { kind: 'rows' },
  ): void {
    if (columns.count === 0 || source === target) return;
    const { name: window, rows } = this.#window;
    const channel = this.#members.channels.connect(
      { tile: source, rows: rows(source) },
      { tile: target, rows: rows(target) },
      { window, columns, ...use },
    );
    append(this.#outgoing, source, channel);
    append(this.#incoming, target, channel);
  }

  /** Writes the phase into the programs: sends first, so that all are under way before a wait. */
  emit(received: Map<TileBuilder, number[]>): void {
    for (const [tile, channels] of this.#outgoing) tile.emit({ op: 'send', channels });
    for (const [tile, channels] of this.#incoming) {
      tile.emit({ op: 'receive', channels });
      for (const channel of channels) append(received, tile, channel);
    }
  }
}

/**
 * Every member gets every member's slice. Returns the channels each tile must release once it has
 * read the window.
 */
export function allGather(
  members: Members,
  window: Window,
  slices: readonly Range[],
  kind: 'rows' | 'slots' = 'rows',
): Map<TileBuilder, number[]> {
  const received = new Map<TileBuilder, number[]>();
  const { group } = members;
  const slice = (index: number): Range => slices[index] ?? { start: 0, count: 0 };
  const along = new Phase(members, window);
  forEachPair(group.columns, group.rows, (row, source, target) => {
    const sourceIndex = row * group.columns + source;
    along.copy(
      member(members, sourceIndex),
      member(members, row * group.columns + target),
      slice(sourceIndex),
      { kind },
    );
  });
  along.emit(received);
  const across = new Phase(members, window);
  forEachPair(group.rows, group.columns, (column, source, target) => {
    const rowSlices = slices.slice(source * group.columns, (source + 1) * group.columns);
    const from = member(members, source * group.columns + column);
    const to = member(members, target * group.columns + column);
    across.copy(from, to, joinRanges(rowSlices), { kind });
  });
  across.emit(received);
  return received;
}

/**
 * Every member gets the rows of every member's experts. `starts` is where a tile keeps the first
 * row of each expert.
 */
export function expertGather(
  members: Members,
  window: Window,
  use: { experts: readonly Range[]; columns: Range; starts: (tile: TileBuilder) => number },
): Map<TileBuilder, number[]> {
  const received = new Map<TileBuilder, number[]>();
  const { group } = members;
  const copy = (phase: Phase, from: number, to: number, experts: Range): void => {
    if (experts.count === 0) return;
    const [source, target] = [member(members, from), member(members, to)];
    const routed = { experts, starts: use.starts(source) };
    phase.copy(source, target, use.columns, { kind: 'routed', routed });
  };
  const along = new Phase(members, window);
  forEachPair(group.columns, group.rows, (row, source, target) => {
    const first = row * group.columns;
    copy(along, first + source, first + target, use.experts[first + source]!);
  });
  along.emit(received);
  const across = new Phase(members, window);
  forEachPair(group.rows, group.columns, (column, source, target) => {
    const first = source * group.columns;
    const experts = joinRanges(use.experts.slice(first, first + group.columns));
    copy(across, first + column, target * group.columns + column, experts);
  });
  across.emit(received);
  return received;
}

/** Every member gets the first member's rows. Returns the channels to release, by tile. */
export function broadcast(
  members: Members,
  window: Window,
  columns: Range,
): Map<TileBuilder, number[]> {
  const received = new Map<TileBuilder, number[]>();
  const { group } = members;
  const root = member(members, 0);
  const along = new Phase(members, window);
  for (let x = 1; x < group.columns; x++) along.copy(root, member(members, x), columns);
  along.emit(received);
  const across = new Phase(members, window);
  for (let x = 0; x < group.columns; x++) {
    for (let y = 1; y < group.rows; y++) {
      across.copy(member(members, x), member(members, y * group.columns + x), columns);
    }
  }
  across.emit(received);
  return received;
}

/**
 * Adds the members' partial rows in a fixed binary tree; the first member ends with the sum in
 * `partial`. `inbox(tile, level)` is where a partner's rows land.
 */
export function treeReduce(
  members: Members,
  partial: Window,
  inbox: (tile: TileBuilder, level: number) => Rows,
  use: { columns: Range; participantCount: number },
): void {
  for (let level = 0, distance = 1; distance < use.participantCount; level++, distance *= 2) {
    for (let lower = 0; lower + distance < use.participantCount; lower += 2 * distance) {
      const source = member(members, lower + distance);
      const target = member(members, lower);
      const rows = inbox(target, level);
      const channel = members.channels.connect(
        { tile: source, rows: partial.rows(source) },
        { tile: target, rows },
        { window: `${partial.name}.level${level}`, kind: 'rows', columns: use.columns },
      );
      source.emit({ op: 'send', channels: [channel] });
      target.emit(
        { op: 'receive', channels: [channel] },
        { op: 'add', target: partial.rows(target), source: rows },
        { op: 'release', channels: [channel] },
      );
    }
  }
}

/** Gives windows back, on every tile that received. */
export function releaseAll(received: ReadonlyMap<TileBuilder, number[]>): void {
  for (const [tile, channels] of received) tile.emit({ op: 'release', channels });
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
