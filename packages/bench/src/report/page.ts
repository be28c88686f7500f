/**
 * `report.html`: everything of one bench on one page that needs nothing else, online or off.
 */
import { documentOf } from './document.ts';
import { minOf, maxOf } from '@wafer/core';
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

/** No picture, font or script from elsewhere, even if a name tried. */
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
    waterfallSection(described),
    wallSection(results),
    interconnectSection(described),
    scalingSection(described),
    sweepSection(described),
    fabricSection(fabric),
    section(
      {
        title: 'How far to trust this',
        clock: 'all clocks',
        lead: 'What was measured, what was computed with, and how far that was off elsewhere.',
      },
      trustBox(results),
    ),
  );
  return documentOf({ title: `wafer bench · ${model} · ${id}`, hasScript: true }, body);
}
