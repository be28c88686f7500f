/**
 * `report.html`: everything of one bench on one page that needs nothing else, online or off.
 */
import { documentOf } from './document.ts';
import { minOf, maxOf } from '@wafer/core';
import { validate } from '@wafer/timing';
import type { BenchResults } from '../cut/bench-results.ts';
import type { KeptRun } from '../cut/compare-runs.ts';
import type { TracedPart } from '../cut/traced-part.ts';
import { percent } from './figures.ts';
import { element, escapeText } from './markup.ts';
import { besideSection, placementSection, timelineSection } from './run-sections.ts';
import {
  bothWidths,
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

/** Anchors of the sections, in their order; those that have nothing to show are left out. */
const SECTIONS: Readonly<Record<string, string>> = {
  '#waterfall': 'Waterfalls',
  '#wall': 'What ran',
  '#before': 'The run before',
  '#interconnects': 'Interconnects',
  '#scaling': 'Scaling',
  '#sweep': 'Latency and bandwidth',
  '#placement': 'The wafer',
  '#token': 'One token',
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

/** Predictions beside published figures. */
function scatterFigure(): string {
  const caption =
    'Filled: rows that set nothing in the model; hollow: rows that a constant was fitted to. ' +
    'On the line, prediction and publication are equal.';
  const { rows } = validate();
  return element(
    'figure',
    {},
    bothWidths((width) => trustScatter(rows, Math.min(width, SCATTER_WIDTH)), ''),
    element('figcaption', {}, escapeText(caption)),
  );
}

const SCATTER_WIDTH = 520;

function links(label: string, targets: Readonly<Record<string, string>>): string {
  const anchors = Object.entries(targets).map(([href, text]) =>
    element('a', { href }, escapeText(text)),
  );
  return element('nav', { 'aria-label': label }, ...anchors);
}

/** What a page is made of. */
export interface ReportParts {
  results: BenchResults;
  traced: TracedPart;
  /** This run as `compareRuns` reads it, and the one before, if there is one. */
  now: KeptRun;
  before: KeptRun | undefined;
}

/** The page. */
export function reportPage({ results, traced, now, before }: ReportParts): string {
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
  const sections = [
    waterfallSection(described),
    wallSection(results),
    besideSection(before, now),
    interconnectSection(described),
    scalingSection(described),
    sweepSection(described),
    placementSection(traced),
    timelineSection(traced),
    fabricSection(traced.fabric),
  ];
  const isPresent = (anchor: string): boolean =>
    anchor === '#trust' ||
    sections.some((text) => text.startsWith(`<section id="${anchor.slice(1)}"`));
  const present = Object.fromEntries(
    Object.entries(SECTIONS).filter(([anchor]) => isPresent(anchor)),
  );
  const body = element(
    'main',
    {},
    element('h1', {}, escapeText(headline)),
    element('p', { class: 'lead' }, escapeText(lead)),
    element('p', { class: 'quiet' }, escapeText(`wafer bench · run ${id} · ${date}`)),
    links('Sections', present),
    links('Files of this run', FILES),
    ...sections,
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
