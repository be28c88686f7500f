/**
 * The wafer: a tile per cell, filled by where its time went since the last look; dashed lines are
 * cuts, and what crosses them is listed below.
 */
import type { LiveTile, LiveWafer } from '../src/live-snapshot.ts';
import { byteRate } from './live-state.ts';

const CELL = 92;
const KINDS = ['compute', 'send', 'wait', 'idle'] as const;

/** Shares of one tile's time between two looks; of all its time where nothing passed. */
function sharesOf(now: LiveTile, before: LiveTile | undefined): number[] {
  const values = (tile: LiveTile): number[] => [
    tile.computeNs,
    tile.sendNs,
    tile.waitNs,
    tile.idleNs,
  ];
  const last = before ? values(before) : [0, 0, 0, 0];
  const spent = values(now).map((value, i) => Math.max(0, value - last[i]!));
  const total = spent.reduce((sum, value) => sum + value, 0);
  return total > 0 ? spent.map((value) => value / total) : [0, 0, 0, 1];
}

export function WaferMap({
  wafer,
  before,
  seconds,
}: {
  wafer: LiveWafer;
  before: LiveWafer | undefined;
  seconds: number;
}) {
  const { width, tiles } = wafer;
  const rows = Math.ceil(tiles.length / width);
  const size = { width: width * CELL + 2, height: rows * CELL + 2 };
  return (
    <>
      <svg
        viewBox={`-1 -1 ${size.width} ${size.height}`}
        width={size.width}
        role="img"
        aria-label={describe(wafer, before)}
      >
        {tiles.map((tile, i) => (
          <Tile
            key={i}
            index={i}
            x={(i % width) * CELL}
            y={Math.floor(i / width) * CELL}
            shares={sharesOf(tile, before?.tiles[i])}
          />
        ))}
        {tiles.flatMap((tile, i) => cutsAt(tile, i, wafer))}
      </svg>
      <ul class="legend">
        {KINDS.map((kind) => (
          <li key={kind}>
            <i class={kind} />
            {kind}
          </li>
        ))}
      </ul>
      <Links wafer={wafer} before={before} seconds={seconds} />
    </>
  );
}

function Tile({ index, x, y, shares }: { index: number; x: number; y: number; shares: number[] }) {
  const inner = CELL - 8;
  let left = 0;
  return (
    <g transform={`translate(${x + 4} ${y + 4})`}>
      <title>{`tile ${index}: ${KINDS.map((kind, i) => `${kind} ${percent(shares[i]!)}`).join(', ')}`}</title>
      <rect class="tile" width={inner} height={inner} rx={8} />
      <text x={10} y={22}>{`tile ${index}`}</text>
      <text class="m" x={10} y={40}>{`${percent(shares[0]!)} busy`}</text>
      {KINDS.map((kind, i) => {
        const start = left;
        left += shares[i]! * (inner - 20);
        return (
          <rect
            key={kind}
            class={kind}
            x={10 + start}
            y={54}
            width={shares[i]! * (inner - 20)}
            height={16}
          />
        );
      })}
    </g>
  );
}

/** Lines before a tile whose neighbor to the left, or above, lies on another chip. */
function cutsAt({ chip }: LiveTile, index: number, { tiles, width }: LiveWafer) {
  const [x, y] = [(index % width) * CELL, Math.floor(index / width) * CELL];
  const isOther = (other: number): boolean => tiles[other]?.chip !== chip;
  return [
    index % width > 0 && isOther(index - 1) ? (
      <line key={`l${index}`} class="cut" x1={x} x2={x} y1={y} y2={y + CELL} />
    ) : null,
    index >= width && isOther(index - width) ? (
      <line key={`a${index}`} class="cut" x1={x} x2={x + CELL} y1={y} y2={y} />
    ) : null,
  ];
}

function Links({
  wafer,
  before,
  seconds,
}: {
  wafer: LiveWafer;
  before: LiveWafer | undefined;
  seconds: number;
}) {
  const rows = wafer.links.map((link) => {
    const same = (one: { source: number; target: number }): boolean =>
      one.source === link.source && one.target === link.target;
    const last = before?.links.find(same)?.bytes ?? link.bytes;
    const name =
      link.source === link.target
        ? `on chip ${link.source}`
        : `chip ${link.source} → ${link.target}, across the cut`;
    return { name, rate: seconds > 0 ? (link.bytes - last) / seconds : 0, ...link };
  });
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label="Links">
      <table>
        <thead>
          <tr>
            <th scope="col">links</th>
            <th scope="col">now</th>
            <th scope="col">bytes</th>
            <th scope="col">messages</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ name, rate, bytes, messages }) => (
            <tr key={name}>
              <td>{name}</td>
              <td>{byteRate(rate)}</td>
              <td>{bytes.toLocaleString('en-US')}</td>
              <td>{messages.toLocaleString('en-US')}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function describe(wafer: LiveWafer, before: LiveWafer | undefined): string {
  const busy = wafer.tiles.map(
    (tile, i) => `tile ${i} ${percent(sharesOf(tile, before?.tiles[i])[0]!)}`,
  );
  return `Tiles and how much of their time they compute: ${busy.join(', ')}`;
}

function percent(share: number): string {
  return `${Math.round(100 * share)}%`;
}
