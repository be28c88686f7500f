/**
 * What builders of the machines would object to a projection, answered beside it: unequal power and
 * silicon, one user alone, speeds that vendors publish.
 */
import { plural } from '@wafer/core';
import {
  isTimed,
  project,
  publishedSpeeds,
  readMachineName,
  replicated,
  speedRatio,
  TYPE_BITS,
  waferName,
} from '@wafer/timing';
import type { ProjectedWork, Projection, PublishedSpeed } from '@wafer/timing';
import { rough } from './project-figures.ts';

/** The first machine over each other at equal power and silicon, over both ranges. */
export function likeLines(found: readonly Projection[], batch: number): string[] {
  const [first, ...others] = found.filter(isTimed);
  if (first === undefined || others.length === 0) return [];
  const users = batch === 1 ? 'one user alone on each' : `${batch} users on each`;
  return others.map(({ machine, time }) => {
    if (first.time.powerOf !== time.powerOf) {
      return `Power against ${machine}: ${time.powerOf} on one side, not compared`;
    }
    const { ratio, low, high } = speedRatio(first.time, time);
    // Users get equal shares, so that tokens of all stand as those of one user do.
    const over = (one: number, other: number): string => {
      const [least, most, about] = [low, high, ratio].map(
        (speed) => (speed / ratio) * (one / other),
      );
      return `${rough(least!)} to ${rough(most!)} (about ${rough(about!)})`;
    };
    const { tokensPerSPerMm2: own } = first.time;
    const silicon =
      own === undefined || time.tokensPerSPerMm2 === undefined
        ? 'its silicon is not published'
        : `at equal silicon ${over(own, time.tokensPerSPerMm2)}`;
    return (
      `With ${users}, ${first.machine} gives ` +
      `${over(first.time.tokensPerSPerKw, time.tokensPerSPerKw)} times the tokens of ${machine} ` +
      `at equal power of systems, by nameplate; ${silicon}`
    );
  });
}

/**
 * Wafers of a model in fewer bits, where it fits fewer of them than in its own types: as many as
 * before give each layer more PEs.
 */
export function widerLines(work: ProjectedWork, found: readonly Projection[]): string[] {
  return found.filter(isTimed).flatMap(({ machine, residency, time }) => {
    if (time.region === undefined || work.type === 'bf16') return [];
    const named = readMachineName(machine);
    const own = project({ ...work, type: 'bf16' }, named.chip);
    if (own.residency.chips <= residency.chips) return [];
    const wider = project(work, waferName({ ...named, count: own.residency.chips }));
    if (!isTimed(wider)) return [];
    return [
      `${machine}: in ${work.type} it fits ${residency.chips}; on ${own.residency.chips}, as in ` +
        `bf16, layers get more PEs each and a token more crossings: ` +
        `${rough(wider.time.tokensPerS)} tokens/s (arithmetic is that of halves in all types)`,
    ];
  });
}

/** Tokens of all with many sequences, each machine laid out as gives the most. */
export function manyLines(
  work: ProjectedWork,
  names: readonly string[],
  batches: readonly number[],
): string[] {
  return batches.flatMap((batch) => {
    const speeds = names.flatMap((name) => {
      const { projection, replicas } = replicated({ ...work, batch }, name);
      const { machine, time } = projection;
      if (!time) return [];
      const layout = replicas === 1 ? machine : `${replicas} x ${machine}`;
      const perKw = time.powerOf === 'systems' ? `, ${rough(time.tokensPerSPerKw)} per kW` : '';
      return [`${layout} ${rough(replicas * time.throughputTokensPerS)}${perKw}`];
    });
    if (speeds.length === 0) return [];
    return [
      `With ${plural(batch, 'sequence')}, tokens/s of all, checked nowhere: ${speeds.join('; ')}`,
    ];
  });
}

/** What services publish of the model, beside what is projected where they say on what. */
export function publishedLines(
  model: string,
  work: ProjectedWork,
  found: readonly Projection[],
): string[] {
  const speeds = publishedSpeeds(model);
  if (speeds.length === 0) return ['Published for one user: none in the tables of this project'];
  const lines = speeds.map((speed) => `  ${publishedLine(speed, work, found)}`);
  return ['Published for one user:', ...lines];
}

/** Machines as cohorts of services name them, by system. */
const SYSTEMS: Readonly<Record<string, string>> = {
  'CS-3': 'CS-3',
  'WSE-3': 'CS-3',
  LPU: 'Groq LPU',
  'LPU v1': 'Groq LPU',
};

function publishedLine(
  speed: PublishedSpeed,
  { batch, type }: ProjectedWork,
  found: readonly Projection[],
): string {
  const { system, speculation, dates, vendors, lowTokensPerS: low, highTokensPerS: high } = speed;
  const when = dates.length === 0 ? 'undated' : (dates[0] ?? '');
  const range = low === high ? String(low) : `${low} to ${high}`;
  const said = `${when} ${system} (${vendors.join(', ')}) ${range}, ${GUESSES[speculation]}`;
  if (system === 'GPU') return `${said}: which GPU, how many and how shared is not stated`;
  const same = found
    .filter(isTimed)
    .find(({ time }) => time.basis.token.machine === SYSTEMS[system]);
  if (!same) return said;
  if (batch > 1) return `${said}: not compared with users of a batch`;
  const bits = same.precision === 'int8' ? TYPE_BITS.int8 : TYPE_BITS[type];
  if (speed.weightBits !== undefined && speed.weightBits !== bits) {
    return `${said}: in ${speed.weightBits} bits, not compared with ${same.precision}`;
  }
  const { tokensPerS, lowUs, highUs } = same.time;
  const times = `${(low / tokensPerS).toPrecision(2)} times what is projected of ${same.machine}`;
  if (speculation === 'yes') return `${said}: ${times} without it, which it would have to give`;
  const isInside = low <= 1e6 / lowUs && high >= 1e6 / highUs;
  const own = speed.isFitted ? '; it set a constant of it: no check' : '';
  return `${said}: ${times}, ${isInside ? 'inside' : 'OUTSIDE'} its range${own}`;
}

const GUESSES: Readonly<Record<string, string>> = {
  yes: 'with speculation',
  no: 'without speculation',
  'not stated': 'speculation not stated',
};
