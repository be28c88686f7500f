/**
 * The first screen of a projection: where the model lives, how fast, at what power, why, how sure.
 *
 * Figures have as many digits as their ranges allow, lines are no wider than a page, and terms that
 * are not everybody's are said in words below the table that has them.
 */
import { plural } from '@wafer/core';
import { CAUSES, isTimed, speedRatio } from '@wafer/timing';
import type { Cause, ProjectedTime, Projection } from '@wafer/timing';
import { fieldLines, Table } from '@wafer/bench/common';
import type { Column, Line } from '@wafer/bench/common';
import { figure, rough } from './project-figures.ts';

const right = (title: string): Column => ({ title, align: 'right' });

const MODES = {
  resident: 'resident',
  several: 'layers in a row',
  streamed: 'streamed',
  refused: 'refused',
} as const;

/** Where the model lives, in which types, and why not where it is refused. */
export function residencyTable(found: readonly Projection[]): Table {
  return new Table(
    [
      { title: 'machine' },
      right('chips'),
      { title: 'the model is' },
      { title: 'weights in' },
      right('GB'),
      right('KV GB'),
      right('fullest chip'),
      right('of GB'),
    ],
    found.map(({ machine, residency, precision }) => [
      machine,
      // How many would hold it stands in the reason.
      residency.mode === 'refused' ? '-' : String(residency.chips),
      MODES[residency.mode],
      precision,
      gigabytes(residency.weightBytes),
      gigabytes(residency.kvBytes),
      gigabytes(residency.fullestBytes),
      gigabytes(residency.chipBytes),
    ]),
  );
}

/**
 * What the names stand for, reasons of refusals, clocks of wafers, regions of PEs and what flies
 * through them.
 */
export function placeLines(found: readonly Projection[], batch: number): string[] {
  const named = found.map(({ machine, title }) => `${machine} = ${title}`).join(', ');
  const refused = found.flatMap(({ machine, residency: { reason } }) =>
    reason === undefined ? [] : [`${machine}: ${reason}`],
  );
  const regions = found.flatMap(({ machine, time, residency }) => {
    const told = time?.region;
    if (!time || !told) return [];
    const kib = (bytes: number): string => (bytes / 1024).toFixed(1);
    const [short, long] = told.sides;
    const held = `${kib(told.weightBytesPerPe)} KiB of weights, ${kib(told.kvBytesPerPe)} of KV`;
    const many = time.flight && batch > 1 ? flightText(time, batch) : '';
    const chips = residency.chips;
    const spare = told.wafers < chips ? `${told.wafers} of ${chips} wafers, the others idle: ` : '';
    return [
      `${machine}: ${spare}${plural(told.perWafer, 'layer')} a wafer, each on a region of ` +
        `${short} x ${long} PEs: ${held} and ${kib(told.codeBytesPerPe)} of code a PE; ` +
        `${rough(100 * told.idleShare)}% of PEs idle${many}`,
    ];
  });
  const clocks = found.flatMap(({ machine, clockHz }) =>
    clockHz
      ? [`${machine}: a clock of ${clockHz.value / 1e9} GHz (${clockHz.mark}: ${clockHz.source})`]
      : [],
  );
  return [named, ...refused, ...clocks, ...regions];
}

function flightText({ flight }: ProjectedTime, batch: number): string {
  const { regions, together, inFlight } = flight!;
  const waiting = batch - inFlight;
  return (
    `; of ${plural(batch, 'sequence')} ${inFlight} are on their way through ` +
    `${plural(regions, 'region')}, ${together} at once in each, ` +
    `${waiting === 0 ? 'none waits' : `${waiting} wait`}`
  );
}

/** Speed of one user, of all, and of a request. */
export function speedTable(found: readonly Projection[], batch: number): Line[] {
  const one = batch === 1 ? 'tokens/s of one user' : `tokens/s of each of ${batch} users`;
  const timed = found.filter(isTimed);
  if (timed.length === 0) return [];
  const table = new Table(
    [
      { title: 'machine' },
      right(one),
      right('range'),
      // One user is all there are.
      ...(batch === 1 ? [] : [right('of all')]),
      right('ms to first token'),
      right('range'),
      right('ms of a request'),
      right('range'),
    ],
    timed.map(({ machine, time }) => [
      machine,
      rough(time.tokensPerS),
      `${rough(1e6 / time.highUs)} to ${rough(1e6 / time.lowUs)}`,
      ...(batch === 1 ? [] : [rough(time.throughputTokensPerS)]),
      rough(time.ttftMs),
      rangeOf(time.ttftLowMs, time.ttftHighMs),
      rough(time.requestMs),
      rangeOf(time.requestLowMs, time.requestHighMs),
    ]),
  );
  return [table];
}

function rangeOf(low: number, high: number): string {
  return Number.isNaN(low) ? '-' : `${rough(low)} to ${rough(high)}`;
}

/** Energy, power, silicon and bandwidth. */
export function costTable(found: readonly Projection[]): Line[] {
  const timed = found.filter(isTimed);
  if (timed.length === 0) return [];
  const table = new Table(
    [
      { title: 'by nameplate' },
      right('J/token, system'),
      right('chips alone'),
      right('tokens/s per kW'),
      right('per 1000 mm2'),
      right('memory bandwidth used'),
    ],
    timed.map(({ machine, time }) => {
      const isSystem = time.powerOf === 'systems';
      const chips = isSystem ? time.chipJoulesPerToken : time.joulesPerToken;
      return [
        machine,
        isSystem ? rough(time.joulesPerToken) : 'not known',
        chips === undefined ? 'not known' : rough(chips),
        isSystem ? rough(time.tokensPerSPerKw) : '-',
        time.tokensPerSPerMm2 === undefined ? '-' : rough(1000 * time.tokensPerSPerMm2),
        time.memoryShare === undefined ? '-' : `${rough(100 * time.memoryShare)}%`,
      ];
    }),
  );
  return [
    table,
    'Systems hold hosts, switches and fans; mm2 are those of dies, SRAM in, stacked memory out. ' +
      'Bandwidth is that of all PEs or GPUs: one sequence keeps one region of a wafer busy. ' +
      'All of it goes with the speeds, and ranges as they do.',
  ];
}

/** The first machine over the others, with what holds over the whole of both ranges. */
export function ratioLines(found: readonly Projection[], batch: number): string[] {
  const [first, ...others] = found.filter(isTimed);
  if (first === undefined || others.length === 0) return [];
  const each = batch === 1 ? 'one user' : `each of ${batch} users`;
  return [
    ...others.map((other) => {
      const { ratio, low, high } = speedRatio(first.time, other.time);
      const likeness =
        first.precision === other.precision
          ? ''
          : `; not like for like: ${first.precision} against ${other.precision}`;
      return (
        `${first.machine} is ${rough(low)} to ${rough(high)} times ${other.machine} for ${each} ` +
        `(about ${rough(ratio)}): ${verdictOf(other.time, { low, high })}${likeness}`
      );
    }),
    'Ranges have all assumed figures at their ends at once, and the error beside them: no ' +
      'confidence interval.',
  ];
}

function verdictOf(
  { causes }: ProjectedTime,
  { low, high }: { low: number; high: number },
): string {
  if (causes['not taken apart'] > 0) return 'no verdict on one constant';
  if (low > 1) return 'faster over both ranges';
  return high < 1 ? 'slower over both ranges' : 'which is faster is not known';
}

const MEANINGS: Readonly<Record<Cause, string>> = {
  'arithmetic and memory': 'multiply-adds, or weights at the full rate of the memory',
  'memory below its peak': 'what long reads lack of that rate',
  'launches of matrices': 'start and tail of each matrix kernel',
  'small kernels':
    'norms, rotation, activations, sums between matrices, and all else that SGLang took on A100 ' +
    'a layer, sampling and host in it',
  attention: 'scores and values, launch with them',
  'mesh collectives': 'software of sums over a region, and the head',
  'mesh hops': 'PEs that those sums pass',
  wire: 'bytes between GPUs at the rate of the link',
  'software of the link': 'what an all-reduce takes beyond them',
  'crossings and the rest':
    'wafer to wafer and host, once a wafer, and all that services of 2024 took beside this model',
  'waiting for its turn': 'until a region or a stage is free',
  'not taken apart': 'one constant',
};

/** Microseconds of a token by cause, and what each cause is. */
export function causeLines(found: readonly Projection[]): Line[] {
  const timed = found.filter(isTimed);
  const shown = shownCauses(found);
  const cell = (us: number, whole: number): string =>
    Math.round(us) === 0 ? '-' : `${us.toFixed(0)} (${((100 * us) / whole).toFixed(0)}%)`;
  const table = new Table(
    [{ title: 'us of a token' }, ...timed.map(({ machine }) => right(machine))],
    [
      ...shown.map((cause) => [
        cause,
        ...timed.map(({ time }) => cell(time.causes[cause], time.tokenUs)),
      ]),
      ['a token', ...timed.map(({ time }) => time.tokenUs.toFixed(0))],
    ],
  );
  if (timed.length === 0) return [];
  const meanings = meaningsOf(found);
  return ['Each cause has one owner, and they add up:', table, '', ...fieldLines(meanings)];
}

/** What each cause is that some machine has. */
export function meaningsOf(found: readonly Projection[]): [cause: string, meaning: string][] {
  return shownCauses(found).map((cause) => [cause, MEANINGS[cause]]);
}

function shownCauses(found: readonly Projection[]): Cause[] {
  const timed = found.filter(isTimed);
  return CAUSES.filter((cause) => timed.some(({ time }) => Math.round(time.causes[cause]) > 0));
}

/** The way of a prompt that is not taken. */
const OTHER_SCHEDULES: Readonly<Record<string, string>> = {
  'token by token': 'layer by layer on one square of a wafer',
  'layer by layer': 'token by token through the regions',
};

/** What each figure stands on, and each assumed figure with what it moves. */
export function trustLines(found: readonly Projection[]): Line[] {
  return found.filter(isTimed).flatMap(({ machine, time }) => {
    const { otherReduce: other, prompt, checked } = time;
    const lines = [
      ...(prompt
        ? [
            `prompt: ${prompt.schedule}; ` +
              `${OTHER_SCHEDULES[prompt.schedule] ?? ''} ${rough(prompt.otherMs)} ms`,
          ]
        : []),
      ...(other
        ? [
            `all-reduce: ${time.kernel}; with ${other.kernel} a token takes ` +
              `${rough(other.tokenUs)} us, ${rough(1e6 / other.tokenUs)} tokens/s`,
          ]
        : []),
      ...time.swings.map(
        ({ figure: name, range, lowUs, highUs }) =>
          `assumed: ${name}, ${range}: ${figure(lowUs)} to ${figure(highUs)} us`,
      ),
    ];
    return [`${machine}: ${checked}`, ...lines.map((line) => `  ${line}`)];
  });
}

function gigabytes(bytes: number): string {
  return (bytes / 1e9).toFixed(bytes < 10e9 ? 2 : 1);
}
