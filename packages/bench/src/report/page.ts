/**
 * `report.html`: everything of one bench on one page that needs nothing else, online or off.
 */
import { documentOf } from './document.ts';
import { minOf, maxOf } from '@wafer/core';
import { validate } from '@wafer/timing';
import type { BenchResults } from '../cut/bench-results.ts';
import type { FabricTrace } from '../cut/traced-part.ts';
import { percent } from './figures.ts';
import { element, escapeText } from './markup.ts';
import {
  fabricSection,
  interconnectSection,
  scalingSection,
  section,
  sweepSection,
  wallSection,
  waterfallSection,
} from './sections.ts';
import { trustBox } from './trust.ts';
import { trustScatter } from './trust-scatter.ts';

/** Anchors of the sections, in their order. */
const SECTIONS: Readonly<Record<string, string>> = {
  '#waterfall': 'Waterfalls',
  '#wall': 'What ran',
  '#interconnects': 'Interconnects',
  '#scaling': 'Scaling',
  '#sweep': 'Latency and bandwidth',
  '#fabric': 'Tiles and channels',
  '#trust': 'How far to trust this',
};

/** What lies beside the page. */
const FILES: Readonly<Record<string, string>> = {
  'wall.csv': 'wall.csv',
  'interconnects.csv': 'interconnects.csv',
  'waterfall.csv': 'waterfall.csv',
  'scaling.csv': 'scaling.csv',
  'sweep.csv': 'sweep.csv',
  'channels.csv': 'channels.csv',
  'trace.json': 'trace.json (opens in Perfetto)',
  'meta.json': 'meta.json: settings and formulas',
};

/** Predictions beside published figures, in a size that every window has room for. */
function scatterFigure(): string {
  const caption =
    'Filled: rows that set nothing in the model; hollow: rows that a constant was fitted to. ' +
    'On the line, prediction and publication are equal.';
  return element(
    'figure',
    {},
    trustScatter(validate().rows, SCATTER_WIDTH),
    element('figcaption', {}, escapeText(caption)),
  );
}

const SCATTER_WIDTH = 336;

function links(label: string, targets: Readonly<Record<string, string>>): string {
  const anchors = Object.entries(targets).map(([href, text]) =>
    element('a', { href }, escapeText(text)),
  );
  return element('nav', { 'aria-label': label }, ...anchors);
}

/** The page. */
export function reportPage(results: BenchResults, fabric: FabricTrace): string {
  const { described, model, id, date } = results;
  const left = described.waterfalls.map(({ rows }) => rows.at(-1)!.kept);
  const [least, most] = [minOf(left), maxOf(left)].map(percent);
  const headline =
    described.waterfalls.length === 0
      ? 'What the interconnect costs'
      : `Chips on links keep ${least} to ${most} of an uncut wafer’s tokens`;
  const lead =
    `The same program on a wafer, on the same wafer cut in pieces, and on machines that are ` +
    `described by numbers. Model: ${model}. Every figure says which clock it is by.`;
  const body = element(
    'main',
    {},
    element('h1', {}, escapeText(headline)),
    element('p', { class: 'lead' }, escapeText(lead)),
    element('p', { class: 'quiet' }, escapeText(`wafer bench · run ${id} · ${date}`)),
    links('Sections', SECTIONS),
    links('Files of this run', FILES),
    waterfallSection(described),
    wallSection(results),
    interconnectSection(described),
    scalingSection(described),
    sweepSection(described),
    fabricSection(fabric),
    section(
      {
        id: 'trust',
        title: 'How far to trust this',
        clock: 'all clocks',
        lead: 'What was measured, what was computed with, and how far that was off elsewhere.',
      },
      trustBox(results),
      scatterFigure(),
    ),
  );
  return documentOf({ title: `wafer bench · ${model} · ${id}`, hasScript: true }, body);
}
