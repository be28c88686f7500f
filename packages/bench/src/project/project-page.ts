/**
 * `wafer project --html`: a projection on one page that needs nothing else.
 */
import { maxOf } from '@wafer/core';
import { documentOf, pageTable } from '../report/document.ts';
import { CAUSES, isTimed, speedRatio, waterfallBetween } from '@wafer/timing';
import type { Projection, TimedProjection } from '@wafer/timing';
import { element, escapeText } from '../report/markup.ts';
import { bothWidths, figure, section } from '../report/sections.ts';
import { causeChart, microseconds, waterfallScaleUs } from './cause-chart.ts';
import { digits, rough } from './page-figures.ts';
import { whatIf } from './what-if.ts';

const CLOCK = 'computed, nothing runs';
const STYLE = 'ul{margin:10px 0;padding-left:18px;font-size:14px;max-width:100ch}li{margin:3px 0}';

export interface ProjectPage {
  readonly model: string;
  /** What is asked of it, in words. */
  readonly work: readonly string[];
  readonly machines: readonly Projection[];
  /** Sequences. */
  readonly batch: number;
  /** What the first screen says below its tables. */
  readonly told: ProjectTold;
}

/** Sentences of the first screen. */
export interface ProjectTold {
  /** What the names stand for, refusals, regions of wafers. */
  readonly places: readonly string[];
  /** The first machine over the others, and what verdict that allows. */
  readonly ratios: readonly string[];
  /** Speeds that vendors publish. */
  readonly published: readonly string[];
  /** Equal power and silicon, many sequences. */
  readonly likes: readonly string[];
  /** What each cause is. */
  readonly meanings: string;
  /** Empty where none was asked for. */
  readonly speculation: readonly string[];
}

/** The page. */
export function projectPage({ model, work, machines, batch, told }: ProjectPage): string {
  const timed = machines.filter(isTimed);
  const [first, ...others] = timed;
  const whose = batch === 1 ? 'one user' : `each of ${batch} users`;
  const sections = [
    speedSection(machines, told, whose),
    ...(first ? [likeSection(told), causeSection(timed, told), whatIfSection(timed, whose)] : []),
    ...(first && others.length > 0 ? [waterfallSection(first, others)] : []),
    ...expertsSection(timed),
    ...besideSection(timed),
    ...(first ? [trustSection(timed)] : []),
  ];
  const body = element(
    'main',
    {},
    element('h1', {}, escapeText(headline(model, timed, whose))),
    ...work.map((line) => element('p', { class: 'lead' }, escapeText(line))),
    ...sections,
  );
  return documentOf({ title: `wafer project · ${model}`, hasScript: true, style: STYLE }, body);
}

function headline(
  model: string,
  [first, second]: readonly TimedProjection[],
  whose: string,
): string {
  if (!first) return `${model} fits none of these machines`;
  const one = `${model} on ${first.machine}: ${rough(first.time.tokensPerS)} tokens/s of ${whose}`;
  if (!second) return one;
  const { ratio, low, high } = speedRatio(first.time, second.time);
  return `${one}, ${rough(low)} to ${rough(high)} times ${second.machine} (about ${rough(ratio)})`;
}

/** Sentences as a list; a first one that leads to the others stands above it. */
function listOf(lines: readonly string[]): string {
  const [first = '', ...rest] = lines;
  if (first.endsWith(':')) return element('p', {}, escapeText(first)) + listOf(rest);
  if (lines.length === 0) return '';
  return element('ul', {}, ...lines.map((line) => element('li', {}, escapeText(line.trim()))));
}

function speedSection(machines: readonly Projection[], told: ProjectTold, whose: string): string {
  const rows = machines.map(({ machine, residency, precision, time }) => {
    const gigabytes = `${(residency.weightBytes / 1e9).toFixed(1)} GB`;
    if (!time) return [machine, 'refused', '', '', '', '', '-', precision, gigabytes];
    const { tokensPerS, lowUs, highUs, throughputTokensPerS, ttftMs } = time;
    return [
      machine,
      rough(tokensPerS),
      `${rough(1e6 / highUs)} to ${rough(1e6 / lowUs)}`,
      rough(throughputTokensPerS),
      rough(ttftMs),
      Number.isNaN(ttftMs) ? '-' : `${rough(time.ttftLowMs)} to ${rough(time.ttftHighMs)}`,
      String(residency.chips),
      precision,
      gigabytes,
    ];
  });
  const head = ['machine', `tokens/s of ${whose}`, 'range', 'of all', 'ms to first token', 'range'];
  const more = ['chips', 'weights in', 'weights'];
  return section(
    {
      id: 'speed',
      title: 'How fast',
      clock: CLOCK,
      lead: 'Ranges have all assumed figures at their ends at once, and measured errors beside.',
    },
    pageTable('Speeds by machine', [...head, ...more], rows),
    listOf(told.ratios),
    listOf(told.places),
  );
}

/** What builders of machines ask first: published speeds, power, silicon, many users. */
function likeSection(told: ProjectTold): string {
  const lead = 'What vendors publish, and the same machines at equal power and silicon.';
  return section(
    { id: 'likes', title: 'Like for like', clock: CLOCK, lead },
    listOf(told.published),
    listOf(told.likes),
    listOf(told.speculation),
  );
}

function causeSection(timed: readonly TimedProjection[], { meanings }: ProjectTold): string {
  // One scale, so that a longer bar is a longer time on any machine.
  const mostUs = maxOf(timed.map(({ time }) => time.tokenUs));
  const charts = timed.map(({ machine, time }, i) => {
    const steps = CAUSES.map((name) => {
      const us = time.causes[name];
      const share = ((100 * us) / time.tokenUs).toFixed(0);
      return { name, us, note: `${microseconds(us)} · ${share} %` };
    });
    const title = `Microseconds of a token on ${machine}`;
    const chart = bothWidths(
      (width) => causeChart(steps, { width, title, to: 'a token', mostUs }),
      `causes-${i}`,
    );
    return element('h3', {}, escapeText(machine)) + figure('', chart);
  });
  const lead =
    'Each cause has one owner; they add up to the time of a token. All machines on one scale.';
  return section(
    { id: 'causes', title: 'Where the time of a token goes', clock: CLOCK, lead },
    ...charts,
    element('p', { class: 'quiet' }, escapeText(meanings)),
  );
}

function whatIfSection(timed: readonly TimedProjection[], whose: string): string {
  const lead =
    'What each cause takes, of what is charged: half the software of a link, no crossings …';
  const about = { id: 'what-if', title: 'What if', clock: CLOCK, lead };
  return section(about, whatIf(timed, whose));
}

function waterfallSection(first: TimedProjection, others: readonly TimedProjection[]): string {
  const mostUs = waterfallScaleUs(
    first.time,
    others.map(({ time }) => time),
  );
  const charts = others.map(({ machine, time }, i) => {
    const steps = waterfallBetween(first.time, time).map(({ cause, changeUs, fromUs, toUs }) => ({
      name: cause,
      us: changeUs,
      note:
        `${changeUs > 0 ? '+' : ''}${microseconds(changeUs)} ` +
        `(${digits(fromUs)} to ${digits(toUs)})`,
    }));
    const from = { name: first.machine, us: first.time.tokenUs };
    const title = `From ${first.machine} to ${machine}`;
    const chart = bothWidths(
      (width) => causeChart(steps, { width, title, from, to: machine, mostUs }),
      `fall-${i}`,
    );
    return element('h3', {}, escapeText(title)) + figure('', chart);
  });
  const lead = 'Causes have one owner, so the order of the steps changes nothing.';
  return section(
    { id: 'difference', title: 'What the difference is made of', clock: CLOCK, lead },
    ...charts,
  );
}

/** How experts lie, where that was asked. */
function expertsSection(timed: readonly TimedProjection[]): string[] {
  const rows = timed.flatMap(({ machine, time: { experts } }) => {
    if (!experts) return [];
    const { placement, routing, groups, busiestShare, isComputedOnly } = experts;
    const only = isComputedOnly ? 'computed only' : '';
    return [[machine, placement, String(groups), routing, digits(busiestShare), only]];
  });
  if (rows.length === 0) return [];
  const lead = 'A step waits for its busiest group. No published row checks it.';
  const head = ['machine', 'experts by', 'groups', 'routing', 'busiest over even', 'tiles here'];
  return [
    section(
      { id: 'experts', title: 'Where experts lie', clock: CLOCK, lead },
      pageTable('Placements by machine', head, rows),
    ),
  ];
}

/** A prompt in chunks beside decode, where that was asked. */
function besideSection(timed: readonly TimedProjection[]): string[] {
  const rows = timed.flatMap(({ machine, time: { beside } }) => {
    if (!beside) return [];
    const { chunkTokens, steps, stepUs, slowdown, ttftMs } = beside;
    const waits = `${digits(slowdown)} times`;
    return [[machine, `${steps} of ${chunkTokens}`, digits(stepUs / 1e3), waits, digits(ttftMs)]];
  });
  if (rows.length === 0) return [];
  const lead =
    'A row of each decode, then a chunk, one step at a time. No published row checks it.';
  const head = ['machine', 'steps', 'a step, ms', 'others wait', 'first token, ms'];
  return [
    section(
      { id: 'beside', title: 'A prompt beside decode', clock: CLOCK, lead },
      pageTable('Steps with a chunk of a prompt', head, rows),
    ),
  ];
}

function trustSection(timed: readonly TimedProjection[]): string {
  const told = timed.map(({ machine, time }) => {
    const { checked, swings, kernel, otherReduce: other } = time;
    const lines = [
      checked,
      ...(other
        ? [`all-reduce: ${kernel}; with ${other.kernel} ${microseconds(other.tokenUs)} a token`]
        : []),
      ...swings.map(
        ({ figure: name, range, lowUs, highUs }) =>
          `assumed: ${name}, ${range}: ${microseconds(lowUs)} to ${microseconds(highUs)}`,
      ),
    ];
    return element('h3', {}, escapeText(machine)) + listOf(lines);
  });
  const lead =
    'Largest errors of the nearest published rows, and each assumed figure at both ends alone.';
  return section({ id: 'trust', title: 'How sure', clock: CLOCK, lead }, ...told);
}
