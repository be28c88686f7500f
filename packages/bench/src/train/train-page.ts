/**
 * `report.html` of `wafer train`: how a run went, on one page that needs nothing else.
 */
import { plural } from '@wafer/core';
import { settingLines } from '../machine.ts';
import { documentOf } from '../report/document.ts';
import { element, escapeText } from '../report/markup.ts';
import { CURVE_STYLE } from '../report/style.ts';
import type { TrainPage } from './page-parts.ts';
import {
  cutSection,
  factSection,
  lossSection,
  pairSection,
  rateSection,
  sampleSection,
  shortLoss,
  timeSection,
} from './page-sections.ts';

const STYLE = `${CURVE_STYLE}
.sample{white-space:pre-wrap;border-left:3px solid var(--edge);padding:2px 0 2px 14px;margin:14px 0}
.sample b{font-weight:600;color:var(--c1)}`;

/** The page. */
export function trainPage(page: TrainPage): string {
  const { model, setting } = page;
  const sections = [
    lossSection(page),
    pairSection(page),
    rateSection(page),
    sampleSection(page),
    timeSection(page),
    cutSection(page),
    factSection(page),
  ];
  const body = element(
    'main',
    {},
    element('h1', {}, escapeText(headline(page))),
    element('p', { class: 'lead' }, escapeText(`Training of ${model}.`)),
    element('p', { class: 'quiet' }, escapeText(settingLines(setting).join(' · '))),
    ...sections,
  );
  return documentOf({ title: `wafer train · ${model}`, style: STYLE }, body);
}

function headline({ steps, valid }: TrainPage): string {
  const last = steps.at(-1);
  if (last === undefined) return 'No step was made';
  const measured = valid.at(-1);
  const beside = measured === undefined ? '' : `, ${shortLoss(measured.validLoss)} on validation`;
  return `Loss ${shortLoss(last.loss)} after ${plural(last.step, 'step')}${beside}`;
}
