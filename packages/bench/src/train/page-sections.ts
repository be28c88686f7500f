/**
 * The sections of the page of a training run.
 */
import { formatBytes, formatCount } from '@wafer/core';
import { curveChart } from '../report/curve-chart.ts';
import type { Curve } from '../report/curve-chart.ts';
import { pageTable } from '../report/document.ts';
import { element, escapeText } from '../report/markup.ts';
import { bothWidths, figure, section } from '../report/sections.ts';
import { sharesChart } from '../report/shares-chart.ts';
import type { SharesRow } from '../report/shares-chart.ts';
import type { TrainPage } from './page-parts.ts';

/** A loss in four digits. */
export function shortLoss(value: number): string {
  return Number.isFinite(value) ? value.toPrecision(4) : 'not finite';
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

/** Loss over steps, on the rows of the run and on validation data. */
export function lossSection({ steps, valid }: TrainPage): string {
  const [first, last] = [steps[0], steps.at(-1)];
  const lead =
    first && last
      ? `From ${shortLoss(first.loss)} to ${shortLoss(last.loss)}.`
      : 'No step was made.';
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

/** Margin and share of pairs told apart over steps; empty where there are no pairs. */
export function pairSection({ steps, valid }: TrainPage): string {
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

/** Gradient norm and learning rate over steps. */
export function rateSection({ steps }: TrainPage): string {
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

/** Texts that the trained model went on with. */
export function sampleSection({ samples }: TrainPage): string {
  if (samples.length === 0) return '';
  return section(
    {
      id: 'samples',
      title: 'What it writes',
      clock: 'no clock: texts',
      lead:
        'Beginnings of its data, and how the trained model goes on, ' +
        'the likeliest token each time.',
    },
    ...samples.map(({ prompt, text }) =>
      element('p', { class: 'sample' }, element('b', {}, escapeText(prompt)), escapeText(text)),
    ),
  );
}

/** Shares of compute, send and wait, a bar for each stage of a process. */
export function timeSection({ times }: TrainPage): string {
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
        'Compute: rows forward and back. Send: the exchange at the end of a step. Wait: for rows ' +
        'of other stages. The rest: sums, updates, checkpoints, measurements.',
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

/** Bytes from chip to chip, or what a cut would carry. */
export function cutSection({ traffic, steps, bytesIfCut }: TrainPage): string {
  const about = { id: 'cut', title: 'Over the cut', clock: 'no clock: bytes' };
  if (traffic.length === 0) {
    const would =
      bytesIfCut > 0
        ? 'Threads shared one memory. Cut between them, a step would send ' +
          `${formatBytes(bytesIfCut)}, as computed from the program.`
        : 'One thread, which sends nothing.';
    return section({ ...about, lead: would });
  }
  // A run that goes on may be cut otherwise, or not at all.
  const count = Math.max(1, steps.filter(({ cutBytes }) => cutBytes !== undefined).length);
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

/** Settings and results. */
export function factSection({ facts }: TrainPage): string {
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
