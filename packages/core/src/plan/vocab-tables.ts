/**
 * Both ends of a model: the embedding on the first stage, the head on the last, each a table whose
 * rows are shared out over the stage's tiles. A tied table is both, and lies where the head is.
 *
 *     owners of rows ──▶ entry tile ──▶ the first stage … the last stage ──▶ logits, own rows
 */
import { assert } from '../errors.ts';
import type { NetworkTensor } from '../model/network-tensors.ts';
import type { TensorInfo } from '../model/tensors.ts';
import { F32_BYTES } from '../ops/cost.ts';
import type { PackedMatrix, Rows } from '../ops/operands.ts';
import { WEIGHT_TYPES } from '../ops/weight-types.ts';
import type { ChannelBuilder, TileBuilder } from './builder.ts';
import { broadcast } from './collectives.ts';
import type { Members, Window } from './collectives.ts';
import { splitRows } from './shard.ts';
import type { Range } from './shard.ts';
import type { StageContext } from './stage/shares.ts';
import type { StageBuilder } from './stage/stage.ts';

/** A tile's rows of the embedding or the head. */
interface Table {
  matrix: PackedMatrix;
  rows: Range;
}

/** A stage that an end lies on. */
interface EndStage {
  members: Members;
  builder: StageBuilder;
}

/** Whose rows are whose, and what the first stage gives back once it has read x. */
interface Embedded {
  owners: Record<number, Range>;
  releases: Map<TileBuilder, number[]>;
}

export class VocabTables {
  readonly #context: StageContext;
  readonly #channels: ChannelBuilder;
  readonly #first: EndStage;
  readonly #last: EndStage;
  readonly #embed: ReadonlyMap<TileBuilder, Table>;
  readonly #head: ReadonlyMap<TileBuilder, Table>;

  /** Places both tables. */
  constructor(
    context: StageContext,
    { channels, first, last }: { channels: ChannelBuilder; first: EndStage; last: EndStage },
  ) {
    this.#context = context;
    this.#channels = channels;
    this.#first = first;
    this.#last = last;
    const { embed: input, logits } = context.network;
    const isTied = logits.weights === input.table;
    this.#head = this.#placeTable(logits.weights, last.members.tiles);
    this.#embed = isTied ? this.#head : this.#placeTable(input.table, first.members.tiles);
  }

  /** Embedded rows go from their owners to the entry tile, row by row, then to its whole stage. */
  emitEmbedding(): Embedded {
    const { members, builder } = this.#first;
    const all = { start: 0, count: this.#context.spec.modelWidth };
    const entry = members.tiles[0]!;
    const owners: Record<number, Range> = {};
    const releases = new Map<TileBuilder, number[]>();
    const incoming: number[] = [];
    const others = [...this.#embed.keys()].filter((tile) => tile !== entry);
    const meeting = [entry, ...others].map((tile) => tile.index);
    const use = { kind: 'gather', members: meeting, bytesPerRow: all.count * F32_BYTES } as const;
    for (const [tile, { matrix, rows }] of this.#embed) {
      owners[tile.index] = rows;
      const isEntry = tile === entry;
      const target = isEntry ? builder.x(entry) : this.#rows(tile, 'embedded');
      if (isEntry) continue;
      tile.emit({ op: 'embed', table: matrix, firstId: rows.start, target });
      const collective = this.#channels.collective('embedded', use);
      const channel = this.#channels.connect(
        { tile, rows: target },
        { tile: entry, rows: builder.x(entry) },
        { window: 'embedded', collective, kind: 'owned', columns: all },
      );
      tile.emit({ op: 'send', channels: [channel] });
      incoming.push(channel);
    }
    const own = this.#embed.get(entry);
    if (own) {
      const target = builder.x(entry);
      entry.emit({ op: 'embed', table: own.matrix, firstId: own.rows.start, target });
    }
    if (incoming.length > 0) entry.emit({ op: 'receive', channels: incoming });
    const window: Window = { name: 'x', rows: (tile) => builder.x(tile) };
    for (const [tile, channels] of broadcast(members, window, all)) {
      releases.set(tile, channels);
    }
    if (incoming.length > 0) releases.set(entry, incoming);
    return { owners, releases };
  }

  /** Every tile of the last stage computes the logits of its rows of the table. */
  emitHead(): void {
    const { spec, options, network } = this.#context;
    for (const tile of this.#last.members.tiles) {
      const table = this.#head.get(tile);
      tile.emit({
        op: 'logits',
        source: this.#rows(tile, 'x'),
        gain: tile.vector(this.#tensor(network.logits.gain)),
        picked: tile.rows('picked', options.logitRowsMax, spec.modelWidth, 'step'),
        weights: table?.matrix,
        logits: tile.rows('logits', options.logitRowsMax, table?.rows.count ?? 0, 'step'),
        firstId: table?.rows.start ?? 0,
        launch: tile.launch(),
      });
    }
  }

  #placeTable(table: NetworkTensor, tiles: readonly TileBuilder[]): Map<TileBuilder, Table> {
    const tensor = this.#tensor(table);
    const shares = splitRows(tensor.rows, tiles.length, WEIGHT_TYPES[tensor.type].panelRows);
    const tables = new Map<TileBuilder, Table>();
    tiles.forEach((tile, i) => {
      const matrix = tile.matrix(tensor, shares[i]!);
      if (matrix) tables.set(tile, { matrix, rows: shares[i]! });
    });
    return tables;
  }

  #rows(tile: TileBuilder, name: string): Rows {
    const { options, spec } = this.#context;
    return tile.rows(name, options.rowsMax, spec.modelWidth, 'step');
  }

  #tensor({ name }: NetworkTensor): TensorInfo {
    const tensor = this.#context.tensors[name];
    assert(tensor !== undefined, 'the model has the tensor', { name });
    return tensor;
  }
}
