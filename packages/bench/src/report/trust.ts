/**
 * The box that says how far to trust the report: clocks, residuals, spread, machine, assumptions.
 */
import { plural } from '@wafer/core';
import { validate } from '@wafer/timing';
import { NOISY_SPREAD } from '../statistics.ts';
import type { BenchResults } from '../cut/bench-results.ts';
import { percent } from './figures.ts';
import { element, escapeText } from './markup.ts';

/** Lines of a name and what is to be known about it. */
export function trustLines(results: BenchResults): [string, string][] {
  const { machine, rows, described } = results;
  const spreads = rows.map(({ row, decodeTokensPerSecond: { relative } }) => {
    return `${row} ${percent(relative)}`;
  });
  const noisy = rows.filter(({ isNoisy }) => isNoisy).map(({ row }) => row);
  const isVirtual = described.rows.some(({ clock }) => clock === 'virtual');
  return [
    [
      'Wall clock',
      'Cut by real links, and the fabric: these tokens were computed here, on worker threads. ' +
        `Every row gave the same tokens (hash ${results.tokensHash}), and the counters of all ` +
        'channels equal the plan to the byte.',
    ],
    ...(isVirtual
      ? ([
          [
            'Virtual clock',
            'Interconnects: running tiles computed the same tokens in every row and carried the ' +
              'time of described chips. At the median token it equals the walk of the same plan.',
          ],
        ] as [string, string][])
      : []),
    [
      'Simulated clock',
      `${isVirtual ? 'The' : 'Interconnects, the'} first waterfalls, scaling, sweeps: the plan ` +
        'walked on described machines. Nothing ran on a GPU or on a WSE.',
    ],
    [
      'Closed form',
      'The waterfalls of 8B and 70B: arithmetic on shapes. No such model was loaded.',
    ],
    [
      'Spread',
      `(max − min) / median of decoding: ${spreads.join(', ')}. ` +
        (noisy.length === 0
          ? `No row is above ${percent(NOISY_SPREAD)}.`
          : `Above ${percent(NOISY_SPREAD)}, so noisy: ${noisy.join(', ')}.`),
    ],
    ['Residuals', residuals(results)],
    [
      'Machine',
      `${machine.cpu}, ${plural(machine.cores, 'core')}, ` +
        `${Math.round(machine.memoryBytes / 2 ** 30)} GiB, ` +
        `Node ${machine.node}, ${machine.platform}. Others may have used it at the same time.`,
    ],
    [
      'Small model',
      `${results.model} is small: nearly all of its time on fast chips is communication and ` +
        'kernel floors. Read the 8B and 70B beside it before drawing conclusions.',
    ],
    [
      'Assumed or remembered',
      described.weak.length === 0 ? 'No figure.' : described.weak.join('; '),
    ],
  ];
}

/** Prediction against publication by cohort, and the walk against the closed form of 8B. */
function residuals({ described }: BenchResults): string {
  const judged = validate().cohorts.map(({ cohort, judged: count, median, max }) => {
    return `${cohort} ${percent(median)} (${plural(count, 'row')}, largest ${percent(max)})`;
  });
  const { rows, model } = described.scaling;
  const walked = rows.find(
    ({ cut, collective, batch, chipCount }) =>
      cut === 'tensor' && collective === 'custom' && batch === 1 && chipCount === described.chips,
  );
  const closed = described.waterfalls.find(
    (fall) => fall.model === '8B' && fall.collective === 'custom',
  );
  const against =
    model === 'llama-3-8b' && walked && closed
      ? ` The walk of 8B on ${described.chips} chips is ` +
        `${percent(Math.abs(walked.tokensPerS / closed.rows.at(-1)!.tokensPerS - 1))} from its ` +
        'closed form.'
      : '';
  return `Median error against published results: ${judged.join(', ')}.${against}`;
}

/** The box itself. */
export function trustBox(results: BenchResults): string {
  const rows = trustLines(results).map(([name, text]) =>
    element(
      'tr',
      {},
      element('th', { scope: 'row' }, escapeText(name)),
      element('td', {}, escapeText(text)),
    ),
  );
  return element('div', { class: 'trust' }, element('table', {}, ...rows));
}
