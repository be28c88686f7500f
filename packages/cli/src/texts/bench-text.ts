/**
 * What `wafer bench` prints around its table of measured rows.
 */
import { errorText, fallLines, settingLines, sweepFinding } from '@wafer/bench';
import { arithmeticText } from '@wafer/bench/common';
import { Table } from '@wafer/bench/common';
import type { BenchHeader, BenchResults, DescribedPart, DescribedRow } from '@wafer/bench';
import type { Column, Line } from '@wafer/bench/common';
import { formatBytes, plural } from '@wafer/core';
import { quantizationText } from './quantization-text.ts';

export function headerText(header: BenchHeader): string {
  const [date, machine] = settingLines(header.machine);
  return [
    `wafer bench · ${header.model} · ${date}`,
    machine,
    `prompt of ${plural(header.promptTokens, 'token')}, ${header.generatedTokens} generated · ` +
      'prefill counts prompt tokens, decode the tokens after the first',
    `grid ${header.grid}, ${plural(header.threads, 'thread')}, ${arithmeticText(header)}, ` +
      `${header.vectorBits}-bit vectors`,
  ].join('\n');
}

/** What the measured rows say together. */
export function summaryLines(results: BenchResults): string[] {
  const { rows, tokensHash, activationError, kvError, kv, quantization } = results;
  const times = rows
    .slice(1)
    .map(({ link, ratio }) => `${(1 / ratio.median).toFixed(2)} times (${link})`)
    .join(', ');
  const noisy = rows.filter(({ isNoisy }) => isNoisy).length;
  return [
    `Medians of ${rows[0]!.repetitions} interleaved repetitions. ` +
      `The whole wafer decodes ${times} as fast as the diced one.`,
    `Same tokens, hash ${tokensHash}; traffic equals the plan to the byte.`,
    ...(noisy > 0 ? ['noisy: repetitions were further apart than a fifth of the median.'] : []),
    ...(activationError ? [errorText('8-bit activations', activationError)] : []),
    ...(kvError ? [errorText(`${kv} KV cache`, kvError)] : []),
    ...(quantization ? [`${quantizationText(quantization)}.`] : []),
  ];
}

/** Everything about described machines. */
export function describedLines(part: DescribedPart): Line[] {
  const { model, weights, chips, machine, link, elementBytes } = part;
  const { contextTokens, tokensHash } = part.rows[0]!;
  const clocks = [...new Set(part.rows.map(({ clock }) => clock))].join(' and ');
  return [
    `Described interconnects · ${clocks} clock · ${model} in ${weights} on ${chips} x ${machine}`,
    `megatron plan, decode, batch 1, context ${contextTokens}, ` +
      `activations of ${plural(elementBytes, 'byte')}` +
      (tokensHash ? `; real tokens, in every row hash ${tokensHash}` : '; no tokens computed'),
    describedTable(part.rows),
    '',
    'Waterfalls · simulated clock for the walk, closed form for 8B and 70B',
    ...fallLines(part.waterfalls, { title: link }),
    '',
    `Scaling of ${part.scaling.model} · simulated clock · ${link}:`,
    ...part.scaling.painless,
    '',
    'Sweep of latency and bandwidth · simulated clock:',
    ...part.sweeps.map(sweepFinding),
  ];
}

function describedTable(rows: readonly DescribedRow[]): Table {
  const right = (title: string): Column => ({ title, align: 'right' });
  const percent = (share: number): string => `${(100 * share).toFixed(0)}%`;
  const details = ['p50 us', 'p99 us', 'compute', 'send', 'wait', 'B/token over kerf'];
  return new Table(
    [
      { title: 'interconnect' },
      { title: 'all-reduce' },
      ...['tok/s', 'of uncut', 'kept'].map(right),
      { title: 'most of it' },
      ...details.map((title) => ({ ...right(title), isDetail: true })),
    ],
    rows.map((row) => [
      row.row,
      row.collective ?? '',
      row.tokensPerSecond.toFixed(0),
      `${row.ratio.toFixed(2)}x`,
      row.kept === undefined ? '' : percent(row.kept),
      row.bottleneck,
      (row.tokenMs.p50 * 1e3).toFixed(1),
      (row.tokenMs.p99 * 1e3).toFixed(1),
      percent(row.shares.compute),
      percent(row.shares.send),
      percent(row.shares.wait),
      row.link === undefined ? '' : formatBytes(row.kerfBytesPerToken),
    ]),
    { keyCount: 2 },
  );
}
