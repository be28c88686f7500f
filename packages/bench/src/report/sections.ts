/**
 * The sections of the report, each titled by what it found.
 */
import { pageTable } from './document.ts';
import { maxOf, minOf, plural } from '@wafer/core';
import type { RowReport } from '../cut/bench-report.ts';
import type { BenchResults } from '../cut/bench-results.ts';
import type { DescribedPart, DescribedRow, NamedSweep } from '../cut/described-part.ts';
import { sweepFinding } from '../cut/sweep-finding.ts';
import type { FabricTrace } from '../cut/traced-part.ts';
import { LEGEND } from '../described/described-text.ts';
import { barChart } from './bar-chart.ts';
import type { Bar } from './bar-chart.ts';
import { channelMatrix, fabricChart, fabricData, fabricFinding } from './fabric-chart.ts';
import { sliderControl, sliderScript } from './fabric-slider.ts';
import { percent, rate } from './figures.ts';
import { element, escapeText } from './markup.ts';
import { batchLines, panelsOf } from './scaling-panels.ts';
import { linesChart } from './scaling-chart.ts';
import { sharesChart } from './shares-chart.ts';
import { sweepChart } from './sweep-chart.ts';
import { waterfallChart, worstCause } from './waterfall-chart.ts';

const WIDE = 1000;
const NARROW = 336;

interface Section {
  /** What links lead to. */
  id: string;
  title: string;
  clock: string;
  lead: string;
}

/** A section with its title, its clock and what it holds. */
export function section(
  { id, title, clock, lead }: Section,
  ...children: readonly string[]
): string {
  return element(
    'section',
    { id, 'aria-labelledby': `${id}-title` },
    element('span', { class: 'clock' }, escapeText(clock)),
    element('h2', { id: `${id}-title` }, escapeText(title)),
    element('p', { class: 'quiet' }, escapeText(lead)),
    ...children,
  );
}

/** A picture with what it says below. */
export function figure(caption: string, ...children: readonly string[]): string {
  const note = caption === '' ? '' : element('figcaption', {}, escapeText(caption));
  return element('figure', {}, ...children, note);
}

/** The same chart for wide and for narrow windows; the style shows one. */
export function bothWidths(draw: (width: number, id: string) => string, id: string): string {
  return (
    element('div', { class: 'wide' }, draw(WIDE, `${id}-w`)) +
    element('div', { class: 'narrow' }, draw(NARROW, `${id}-n`))
  );
}

/** Rows that really ran. */
export function wallSection({ rows, model, promptTokens, generatedTokens }: BenchResults): string {
  const [whole, ...cut] = rows;
  const best = cut.toSorted((a, b) => b.ratio.median - a.ratio.median)[0];
  const title = best
    ? `Cut in pieces, the wafer keeps ${percent(best.ratio.median)} of its tokens over ${best.link}`
    : 'The wafer was not cut';
  const bars = rows.map((row): Bar => {
    const { median: value, min, max } = row.decodeTokensPerSecond;
    const note = row === whole ? '' : `${row.ratio.median.toFixed(2)}×`;
    const noisy = row.isNoisy ? ' noisy' : '';
    const color = row === whole ? 'c1' : 'c2';
    const isStriped = row !== whole;
    return { name: row.row, value, range: { min, max }, note: note + noisy, color, isStriped };
  });
  const shares = rows.map(({ row, shares: { compute, send, wait, idle } }) => ({
    name: row,
    shares: [
      { name: 'compute', share: compute },
      { name: 'send', share: send },
      { name: 'wait', share: wait },
      { name: 'idle', share: idle },
    ],
  }));
  const axis = 'decode, tokens/s; whiskers: slowest to fastest';
  return section(
    {
      id: 'wall',
      title,
      clock: 'wall clock, measured here',
      lead:
        `${model}, prompt of ${plural(promptTokens, 'token')}, ${generatedTokens} generated, ` +
        `${whole!.repetitions} interleaved repetitions, medians. Same tokens in every row.`,
    },
    figure(
      '',
      bothWidths((width, id) => barChart(bars, { width, id, title, axis }), 'wall'),
    ),
    element('h3', {}, 'Where the time of the tiles went'),
    figure(
      'Of the median repetition. Idle: between steps, the turn of the engine.',
      bothWidths(
        (width, id) => sharesChart(shares, { width, id, title: 'Shares of the tiles’ time' }),
        'shares',
      ),
    ),
    wallTable(rows),
  );
}

function wallTable(rows: readonly RowReport[]): string {
  const head = ['row', 'prefill tok/s', 'decode tok/s', 'min', 'max', 'of whole'];
  return pageTable(
    'Medians of the measured rows, wall clock',
    [...head, 'p50 ms', 'p99 ms', 'kerf B/token', 'overhead B/token', ''],
    rows.map((row) => [
      row.row,
      rate(row.prefillTokensPerSecond.median),
      rate(row.decodeTokensPerSecond.median),
      rate(row.decodeTokensPerSecond.min),
      rate(row.decodeTokensPerSecond.max),
      `${row.ratio.median.toFixed(2)}×`,
      row.tokenMs.p50.toFixed(2),
      row.tokenMs.p99.toFixed(2),
      rate(row.kerfBytesPerToken),
      rate(row.kerfOverheadBytesPerToken),
      row.isNoisy ? 'noisy' : '',
    ]),
  );
}

/** Rows by described interconnect. */
export function interconnectSection(part: DescribedPart): string {
  const { rows, machine, chips, model, weights, elementBytes } = part;
  const linked = rows.filter(({ link }) => link !== undefined);
  const keptOf = (kind: string): string => {
    const own = linked.filter(({ collective }) => collective === kind);
    const kept = own.map((row) => row.kept ?? 0);
    return own.length === 0 ? '' : `${percent(minOf(kept))} to ${percent(maxOf(kept))}`;
  };
  const title =
    `Real links leave ${keptOf('nccl')} of the tokens with NCCL, ` +
    `${keptOf('custom')} with kernels of serving stacks`;
  const bars = rows.map((row) => describedBar(row));
  const axis = 'decode, tokens/s; %: kept of free links';
  return section(
    {
      id: 'interconnects',
      title,
      clock: `${[...new Set(rows.map(({ clock }) => clock))].join(' and ')} clock`,
      lead:
        `${model} with ${weights} weights on ${chips} × ${machine}, Megatron plan, activations ` +
        `of ${elementBytes} bytes, ${plural(rows[0]!.contextTokens, 'token')} before. ` +
        (rows.some(({ tokensHash }) => tokensHash)
          ? 'Tokens were computed for it, the same in every row; the time is that of the chips.'
          : 'No tokens were computed for it.'),
    },
    figure(
      'Blue: an uncut wafer. Gray: links that cost nothing. Green: all-reduce kernels of serving ' +
        'stacks (custom). Striped: NCCL.',
      bothWidths((width, id) => barChart(bars, { width, id, title, axis }), 'links'),
    ),
    describedTable(rows),
  );
}

function describedBar(row: DescribedRow): Bar {
  const { collective, link, kept } = row;
  const isWafer = link === undefined && kept !== 1;
  const color = isWafer ? 'c1' : link === undefined ? 'c0' : collective === 'nccl' ? 'c2' : 'c3';
  return {
    name: collective === undefined ? row.row : `${row.row} · ${collective}`,
    value: row.tokensPerSecond,
    note: kept === undefined ? '' : percent(kept),
    color,
    isStriped: collective === 'nccl',
  };
}

function describedTable(rows: readonly DescribedRow[]): string {
  const head = ['interconnect', 'all-reduce', 'clock', 'tok/s', 'of uncut', 'p50 µs', 'p99 µs'];
  return pageTable(
    'Rows by interconnect; times of the median token',
    [...head, 'compute', 'send', 'wait', 'kerf B/token', 'most of it'],
    rows.map((row) => [
      row.row,
      row.collective ?? '',
      row.clock,
      rate(row.tokensPerSecond),
      `${row.ratio.toFixed(2)}×`,
      (row.tokenMs.p50 * 1e3).toFixed(1),
      (row.tokenMs.p99 * 1e3).toFixed(1),
      percent(row.shares.compute),
      percent(row.shares.send),
      percent(row.shares.wait),
      row.link === undefined ? '' : rate(row.kerfBytesPerToken),
      row.bottleneck,
    ]),
  );
}

/** Waterfalls of the model, of 8B and of 70B. */
export function waterfallSection(part: DescribedPart): string {
  const { waterfalls, link, chips, machine } = part;
  const large = waterfalls.findLast(({ collective }) => collective !== 'nccl');
  const small = waterfalls[0];
  const say = (fall: typeof small): string =>
    `${fall?.model ?? ''} loses most to ${(fall && worstCause(fall)) ?? 'nothing'}`;
  return section(
    {
      id: 'waterfall',
      title: `${say(small)}; ${say(large)}`,
      clock: 'simulated clock and closed form',
      lead:
        `From an uncut wafer to ${chips} × ${machine} over ${link}, one term turned on after ` +
        'the other. The chips keep their arithmetic and kernel floors in every row; memory ' +
        'comes last, so interconnect is seen at its most expensive.',
    },
    element(
      'div',
      { class: 'panels' },
      ...waterfalls
        .toSorted((a, b) => a.collective.localeCompare(b.collective))
        .map((fall, i) => figure('', waterfallChart(fall, `fall-${i}`))),
    ),
  );
}

/** Scaling over tiles and chips, and over batches. */
export function scalingSection(part: DescribedPart): string {
  const { scaling, link, machine } = part;
  const panels = panelsOf(scaling.rows).map(({ lines, options }) =>
    figure('', linesChart(lines, options)),
  );
  const batch = batchLines(scaling.rows);
  return section(
    {
      id: 'scaling',
      title: scaling.painless[0] ?? 'Nothing was cut',
      clock: 'simulated clock',
      lead:
        `${scaling.model} at fixed work on tiles of a whole wafer, and on ${machine} chips over ` +
        `${link}: ${scaling.painless.slice(1).join('. ')}. One step is under way at a time.`,
    },
    element(
      'div',
      { class: 'panels' },
      ...panels,
      batch ? figure('', linesChart(batch.lines, batch.options)) : '',
    ),
  );
}

/** Heat maps over latency and bandwidth. */
export function sweepSection(part: DescribedPart): string {
  const maps = part.sweeps.map((sweep) =>
    figure(
      '',
      element('h3', {}, escapeText(`${sweep.model}, ${sweep.collective} all-reduce`)),
      element('p', { class: 'quiet' }, escapeText(sweepFinding(sweep))),
      bothWidths((width) => sweepChart(sweep, Math.min(width, 640)), ''),
    ),
  );
  return section(
    {
      id: 'sweep',
      title: sweepTitle(part.sweeps.at(-1)),
      clock: 'simulated clock',
      lead:
        `Share of tokens kept, and what most of the time is spent on: ${LEGEND}. ` +
        'Solid line: 90 % kept; dashed: 50 %.',
    },
    ...maps,
  );
}

/** Which end of the sweep hurts more: the longest wires, or the thinnest. */
function sweepTitle(sweep: NamedSweep | undefined): string {
  const [thin, long] = [sweep?.cells[0], sweep?.cells.at(-1)];
  if (!sweep || !thin || !long) return 'No sweep';
  const longText = `${long.latencyNs / 1e3} µs leave ${percent(long.kept)} at any bandwidth`;
  const thinText = `${thin.bandwidthBytesPerS / 1e9} GB/s leave ${percent(thin.kept)}`;
  return long.kept < thin.kept
    ? `${sweep.model}: long wires hurt more than thin ones: ${longText}, ${thinText}`
    : `${sweep.model}: thin wires hurt more than long ones: ${thinText}, ${longText}`;
}

/** Tiles and channels over time. */
export function fabricSection(trace: FabricTrace): string {
  const data = fabricData(trace);
  const { grid, link } = trace;
  const matrix = (width: number): string => channelMatrix(trace, data, width) ?? '';
  const draw = (width: number, id: string): string =>
    element(
      'div',
      { class: 'fabrics' },
      fabricChart(trace, data, { width: Math.min(width, grid.width * 112 + 16), id }),
      matrix(Math.min(width, 300)),
    );
  return section(
    {
      id: 'fabric',
      title: fabricFinding(trace),
      clock: 'wall clock, a traced pass of its own',
      lead:
        `${grid.width} × ${grid.height} tiles, cut over ${link}; threads share cores, so a tile ` +
        'also waits for its turn. Bytes are those of the audit, at the time of their sends.',
    },
    figure(
      'In each tile from left to right: compute (blue), send and receive (striped), wait ' +
        '(gray stripes). Lines between tiles: bytes of a slice, by route. Squares: bytes from ' +
        'tile (row) to tile (column); both by the root of bytes. Orange crosses the kerf, ' +
        'which is dashed.',
      bothWidths(draw, 'fabric'),
      sliderControl(data),
    ),
    sliderScript(data),
  );
}
