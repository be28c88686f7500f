/**
 * `report.html` of `wafer train`: how a run went, on one page that needs nothing else.
 */
import { formatBytes, formatCount } from '@wafer/core';
import { settingLines } from '../machine.ts';
import type { Setting } from '../machine.ts';
import { curveChart } from '../report/curve-chart.ts';
import type { Curve } from '../report/curve-chart.ts';
import { documentOf, pageTable } from '../report/document.ts';
import { element, escapeText } from '../report/markup.ts';
import { bothWidths, figure, section } from '../report/sections.ts';
import { sharesChart } from '../report/shares-chart.ts';
import type { SharesRow } from '../report/shares-chart.ts';
import { CURVE_STYLE } from '../report/style.ts';

/** A step as it was told of. Of preferences it has a margin, and the share of pairs told apart. */
export interface PageStep {
  step: number;
  loss: number;
  gradNorm: number;
  learningRate: number;
  margin?: number;
  pairAccuracy?: number;
}

/** A measurement on validation data. */
export interface PageValid {
  step: number;
  validLoss: number;
  validMargin?: number;
  validPairAccuracy?: number;
}

/** A text that the trained model went on with. */
export interface PageSample {
  prompt: string;
  text: string;
}

/** Milliseconds of one stage of a replica, and of the process it was in. */
export interface PageTimes {
  name: string;
  allMs: number;
  rowsMs: number;
  waitsMs: number;
  exchangesMs: number;
}

/** What went from one chip to another. */
export interface PageTraffic {
  source: number;
  target: number;
  messages: number;
  payloadBytes: number;
  overheadBytes: number;
}

export interface TrainPage {
  model: string;
  steps: readonly PageStep[];
  valid: readonly PageValid[];
  samples: readonly PageSample[];
  times: readonly PageTimes[];
  traffic: readonly PageTraffic[];
  /** Where all is in one memory: what a step would send through a cut, computed; 0: one thread. */
  bytesIfCut: number;
  facts: readonly (readonly [name: string, value: string])[];
  setting: Setting;
}

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
  const beside = measured === undefined ? '' : `, ${digits(measured.validLoss)} on validation`;
  return `Loss ${digits(last.loss)} after ${formatCount(last.step)} steps${beside}`;
}

function chart(curves: readonly Curve[], title: string): string {
  const full = curves.filter(({ points }) => points.length > 0);
  return bothWidths((width) => curveChart(full, { width, title, axis: 'step' }), '');
}

function over<Item extends { step: number }>(
  name: string,
  items: readonly Item[],
  of: (item: Item) => number | undefined,
): Curve {
  const points = items.flatMap((item) => {
    const y = of(item);
    return y === undefined ? [] : [{ x: item.step, y }];
  });
  return { name, points };
}

function lossSection({ steps, valid }: TrainPage): string {
  const [first, last] = [steps[0], steps.at(-1)];
  const lead =
    first && last ? `From ${digits(first.loss)} to ${digits(last.loss)}.` : 'No step was made.';
  return section(
    { id: 'loss', title: 'Loss', clock: 'no clock: steps', lead },
    figure(
      'Training: the mean of the step’s rows, before its update. Bands hold all steps of a column.',
      chart(
        [
          over('training', steps, ({ loss }) => loss),
          over('validation', valid, ({ validLoss }) => validLoss),
        ],
        'Loss over steps',
      ),
    ),
  );
}

/** Of preferences alone. */
function pairSection({ steps, valid }: TrainPage): string {
  const last = steps.findLast(({ margin }) => margin !== undefined);
  if (last === undefined) return '';
  const right = `${(100 * (last.pairAccuracy ?? 0)).toFixed(0)} % of the last step’s pairs`;
  return section(
    {
      id: 'preferences',
      title: 'Preferences',
      clock: 'no clock: steps',
      lead: `The better answer has the larger reward in ${right}.`,
    },
    figure(
      'Reward margin: how much more likely the better answer became than the other, times beta.',
      chart(
        [
          over('training', steps, ({ margin }) => margin),
          over('validation', valid, ({ validMargin }) => validMargin),
        ],
        'Reward margin over steps',
      ),
    ),
    figure(
      'Share of pairs that are told apart.',
      chart(
        [
          over('training', steps, ({ pairAccuracy }) => pairAccuracy),
          over('validation', valid, ({ validPairAccuracy }) => validPairAccuracy),
        ],
        'Share of pairs over steps',
      ),
    ),
  );
}

function rateSection({ steps }: TrainPage): string {
  return section(
    {
      id: 'rates',
      title: 'Gradient norm and learning rate',
      clock: 'no clock: steps',
      lead: 'The norm is that before clipping, over all that is trained.',
    },
    figure(
      'Gradient norm.',
      chart([over('gradient norm', steps, ({ gradNorm }) => gradNorm)], 'Gradient norm over steps'),
    ),
    figure(
      'Learning rate.',
      chart(
        [over('learning rate', steps, ({ learningRate }) => learningRate)],
        'Learning rate over steps',
      ),
    ),
  );
}

function sampleSection({ samples }: TrainPage): string {
  if (samples.length === 0) return '';
  return section(
    {
      id: 'samples',
      title: 'What it writes',
      clock: 'no clock: texts',
      lead: 'Beginnings of its data, and how the trained model goes on, the likeliest token each time.',
    },
    ...samples.map(({ prompt, text }) =>
      element('p', { class: 'sample' }, element('b', {}, escapeText(prompt)), escapeText(text)),
    ),
  );
}

function timeSection({ times }: TrainPage): string {
  if (times.length === 0) return '';
  const rows = times.map(({ name, allMs, rowsMs, waitsMs, exchangesMs }): SharesRow => {
    const share = (ms: number): number => Math.max(0, ms) / Math.max(allMs, rowsMs + exchangesMs);
    const rest = Math.max(0, allMs - rowsMs - exchangesMs);
    return {
      name,
      shares: [
        { name: 'compute', share: share(rowsMs - waitsMs) },
        { name: 'send', share: share(exchangesMs) },
        { name: 'wait', share: share(waitsMs) },
        { name: 'the rest', share: share(rest) },
      ],
    };
  });
  const of = 'the time from first to last step';
  return section(
    {
      id: 'time',
      title: 'Where the time went',
      clock: 'wall clock',
      lead:
        'Compute: rows forward and back. Send: the exchange at the end of a step. Wait: for rows of ' +
        'other stages. The rest: sums, updates, checkpoints, measurements.',
    },
    figure(
      '',
      bothWidths(
        (width, id) => sharesChart(rows, { width, id, title: 'Shares of the time', of }),
        'time',
      ),
    ),
  );
}

function cutSection({ traffic, steps, bytesIfCut }: TrainPage): string {
  const about = { id: 'cut', title: 'Over the cut', clock: 'no clock: bytes' };
  if (traffic.length === 0) {
    const would =
      bytesIfCut > 0
        ? `Threads shared one memory. Cut between them, a step would send ${formatBytes(bytesIfCut)}, ` +
          'as computed from the program.'
        : 'One thread, which sends nothing.';
    return section({ ...about, lead: would });
  }
  const count = Math.max(1, steps.length);
  const rows = traffic.map((one) => {
    const { source, target, messages, payloadBytes, overheadBytes } = one;
    return [
      `chip ${source} to chip ${target}`,
      formatCount(messages),
      formatBytes(payloadBytes),
      formatBytes(overheadBytes),
      formatBytes(Math.round((payloadBytes + overheadBytes) / count)),
    ];
  });
  const head = ['cut', 'messages', 'payload', 'headers and credits', 'a step'];
  const lead = 'What went from each chip to each, counted.';
  return section({ ...about, lead }, pageTable('Bytes over each cut', head, rows));
}

function factSection({ facts }: TrainPage): string {
  const table = pageTable(
    'Settings and results',
    ['what', 'is'],
    facts.map((fact) => [...fact]),
  );
  return section(
    {
      id: 'facts',
      title: 'The run',
      clock: 'settings',
      lead: 'With these settings, this data and this model the weights come out again, to the bit.',
    },
    element('div', { class: 'trust' }, table),
  );
}

function digits(value: number): string {
  return Number.isFinite(value) ? value.toPrecision(4) : 'not finite';
}
