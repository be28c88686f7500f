/**
 * A prompt that is filled in chunks beside decoding sequences: a table of machines.
 */
import type { Projection } from '@wafer/timing';
import { Table } from '@wafer/bench/common';
import type { Column, Line } from '@wafer/bench/common';

/** Steps of machines that fill a prompt beside `batch` sequences; nothing where none was asked. */
export function besideLines(found: readonly Projection[], batch: number): Line[] {
  const rows = found.flatMap(({ machine, time }) => {
    if (!time?.beside) return [];
    const { chunkTokens, steps, stepUs, ttftMs, slowdown, tokensPerS } = time.beside;
    return [
      [
        machine,
        String(chunkTokens),
        String(steps),
        (stepUs / 1e3).toFixed(2),
        `${slowdown.toFixed(2)}x`,
        ttftMs.toFixed(1),
        time.ttftMs.toFixed(1),
        tokensPerS.toFixed(0),
      ],
    ];
  });
  if (rows.length === 0) return [];
  const right = (title: string): Column => ({ title, align: 'right' });
  return [
    `A prompt in chunks beside ${batch} decoding, as the engine here steps: a row of each ` +
      'decode, then the chunk, one step at a time. Checked nowhere:',
    new Table(
      [
        { title: 'machine' },
        right('chunk'),
        right('steps'),
        right('a step, ms'),
        right('others wait'),
        right('first token, ms'),
        right('alone, ms'),
        right('rows/s of all'),
      ],
      rows,
    ),
  ];
}
