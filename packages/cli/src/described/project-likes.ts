/**
 * What builders of the machines would object to a projection, answered beside it: unequal power and
 * silicon, one user alone, speeds that vendors publish, how a prompt is charged.
 */
import { publishedSpeeds } from '@wafer/timing';
import type { ProjectedTime, Projection } from '@wafer/timing';

type Timed = Projection & { readonly time: ProjectedTime };

export function isTimed(one: Projection): one is Timed {
  return one.time !== undefined;
}

/** The first machine over each other at equal power and area, and with many sequences. */
export function likeLines(
  found: readonly Projection[],
  together: readonly Projection[],
  batch: number,
): string[] {
  const [first, ...others] = found.filter(isTimed);
  if (first === undefined || others.length === 0) return [];
  const lines = others.map(({ machine, time }) => {
    const power = first.time.tokensPerSPerKw / time.tokensPerSPerKw;
    const area = (first.time.tokensPerSPerMm2 ?? NaN) / (time.tokensPerSPerMm2 ?? NaN);
    const silicon = Number.isNaN(area) ? '' : `, at equal silicon ${digits(area)}`;
    const times = `it gives ${digits(power)} times the tokens of ${machine}`;
    return `At equal power, by nameplate, ${times}${silicon}`;
  });
  const many = together.filter(isTimed);
  const speeds = many.map(({ machine, time }) => `${machine} ${digits(time.throughputTokensPerS)}`);
  return [
    ...lines,
    `Tokens/s of all with ${batch} sequences, checked nowhere: ${speeds.join(', ')}`,
  ];
}

/** What services publish of the model, in a line; none where nobody does. */
export function publishedLines(model: string): string[] {
  const speeds = publishedSpeeds(model).map(
    ({ system, speculation, lowTokensPerS: low, highTokensPerS: high }) => {
      const range = low === high ? String(low) : `${low} to ${high}`;
      return `${system} ${range} (${GUESSES[speculation] ?? speculation})`;
    },
  );
  if (speeds.length === 0) return [];
  return [`Published for one user: ${speeds.join(', ')}`];
}

const GUESSES: Readonly<Record<string, string>> = {
  yes: 'with speculation',
  no: 'without speculation',
  'not stated': 'speculation not stated',
};

function digits(value: number): string {
  return value >= 1000 ? value.toFixed(0) : String(Number(value.toPrecision(3)));
}
