/**
 * Sections on this run alone: how the wafer was laid out, one token of it, and the run before it.
 */
import { maxOf, minOf, plural } from '@wafer/core';
import { compare } from '../cut/compare-runs.ts';
import type { KeptRun } from '../cut/compare-runs.ts';
import type { TracedPart } from '../cut/traced-part.ts';
import { barChart } from './bar-chart.ts';
import type { Bar } from './bar-chart.ts';
import { pageTable } from './document.ts';
import { rate } from './figures.ts';
import { element, escapeText } from './markup.ts';
import { bothWidths, figure, section } from './sections.ts';
import { timelineChart, timelineFinding } from './timeline-chart.ts';
import { placementFinding, scaleText, waferPicture } from './wafer-picture.ts';

/** The wafer: placement, what fills its SRAM, where it is cut. */
export function placementSection({ placement, fabric }: TracedPart): string {
  const { grid } = placement;
  return section(
    {
      id: 'placement',
      title: placementFinding(placement),
      clock: 'no clock: the plan',
      lead:
        `The wafer of the traced pass, ${grid.width} × ${grid.height} tiles, cut over ` +
        `${fabric.link}. Where things lie is decided before anything runs, and proved.`,
    },
    figure(
      `Tiles are filled from the bottom up. ${scaleText(placement)} Dashed: the kerf.`,
      bothWidths((width, id) => waferPicture(placement, { width, id }), 'placed'),
    ),
  );
}

/** One token over all tiles. */
export function timelineSection({ timeline, fabric }: TracedPart): string {
  if (timeline === undefined) return '';
  const { step, messages } = timeline;
  return section(
    {
      id: 'token',
      title: timelineFinding(timeline),
      clock: 'wall clock, a traced pass of its own',
      lead:
        `Step ${step}, the median of those that decoded one token: ` +
        `${plural(messages.length, 'message')}. ` +
        'Threads share cores, so a tile also waits for its turn.',
    },
    figure(
      'A row per tile. Lines: messages, from their send to where they were taken; orange across ' +
        'the kerf. All steps are in trace.json.',
      bothWidths((width, id) => timelineChart(timeline, { width, id, grid: fabric.grid }), 'token'),
    ),
  );
}

/** This run beside the last one of the same model and settings. */
export function besideSection(before: KeptRun | undefined, now: KeptRun): string {
  if (before === undefined) return '';
  const { pairs, differences } = compare(before, now);
  const ratios = pairs.map(({ ratio }) => ratio);
  const [least, most] = [minOf(ratios), maxOf(ratios)];
  const range = `${least.toFixed(2)} to ${most.toFixed(2)}`;
  const title = `Decoding is ${range} times that of the run before`;
  const bars = pairs.flatMap(({ row, decode, ratio }): Bar[] => [
    { name: `${row}, before`, value: decode[0], color: 'c0', isStriped: true },
    { name: row, value: decode[1], color: 'c1', note: `${ratio.toFixed(2)}×` },
  ]);
  const rows = pairs.map(({ row, prefill, decode, ratio, hasSameTokens }) => [
    row,
    ...[...prefill, ...decode].map(rate),
    `${ratio.toFixed(3)}×`,
    hasSameTokens ? 'the same' : 'differ',
  ]);
  const head = ['row', 'prefill before', 'now', 'decode before', 'now', 'ratio', 'tokens'];
  const notes = differences.map(({ name, before: a, after: b }) => `${name}: ${a}, now ${b}`);
  const axis = 'decode, tokens/s';
  const idOf = ({ meta }: KeptRun): string => String(meta['id'] ?? '');
  return section(
    {
      id: 'before',
      title,
      clock: 'wall clock, two runs',
      lead:
        `Run ${idOf(before)} had the same model and settings. Machines are not quiet: what is ` +
        'within the whiskers of the rows above says nothing.',
    },
    figure(
      'Striped gray: the run before.',
      bothWidths((width, id) => barChart(bars, { width, id, title, axis }), 'before'),
    ),
    pageTable('This run beside the one before, tokens per second', head, rows),
    notes.length === 0
      ? ''
      : element('p', { class: 'quiet' }, escapeText(`Not the same: ${notes.join('; ')}.`)),
  );
}
