/**
 * `wafer project --html`: a projection on one page that needs nothing else.
 */
import { documentOf, pageTable } from '../report/document.ts';
import { CAUSES, speedRatio, waterfallBetween } from '@wafer/timing';
import type { ProjectedTime, Projection } from '@wafer/timing';
import { element, escapeText } from '../report/markup.ts';
import { bothWidths, figure, section } from '../report/sections.ts';
import { causeChart, microseconds } from './cause-chart.ts';
import { whatIf } from './what-if.ts';

const CLOCK = 'computed, nothing runs';

export interface ProjectPage {
  readonly model: string;
  /** What is asked of it, in words. */
  readonly work: string;
  readonly machines: readonly Projection[];
}

type Timed = Projection & { readonly time: ProjectedTime };

/** The page. */
export function projectPage({ model, work, machines }: ProjectPage): string {
  const timed = machines.filter((one): one is Timed => one.time !== undefined);
  const [first, ...others] = timed;
  const sections = [
    speedSection(machines),
    ...(first ? [causeSection(timed), whatIfSection(timed)] : []),
    ...(first && others.length > 0 ? [waterfallSection(first, others)] : []),
    ...expertsSection(timed),
    ...besideSection(timed),
    trustSection(timed),
  ];
  const body = element(
    'main',
    {},
    element('h1', {}, escapeText(headline(model, timed))),
    element('p', { class: 'lead' }, escapeText(`${work}. Hardware alone, without speculation.`)),
    ...sections,
  );
  return documentOf({ title: `wafer project · ${model}`, hasScript: true }, body);
}

function headline(model: string, [first, second]: readonly Timed[]): string {
  if (!first) return `${model} fits none of these machines`;
  const one = `${model} on ${first.machine}: ${digits(first.time.tokensPerS)} tokens/s of one user`;
  if (!second) return one;
  const { ratio, low, high } = speedRatio(first.time, second.time);
  return `${one}, ${digits(ratio)} (${digits(low)} to ${digits(high)}) times ${second.machine}`;
}

function speedSection(machines: readonly Projection[]): string {
  const rows = machines.map(({ machine, residency, time }) => {
    const place = `${residency.chips} · ${digits(residency.weightBytes / 1e9)} GB of weights`;
    if (!time) return [machine, place, residency.reason ?? '', '', '', ''];
    return [
      machine,
      place,
      digits(time.tokensPerS),
      `${digits(1e6 / time.highUs)} to ${digits(1e6 / time.lowUs)}`,
      digits(time.throughputTokensPerS),
      `${digits(time.joulesPerToken)} (${time.powerOf})`,
    ];
  });
  const head = [
    'machine',
    'chips',
    'tokens/s of one user',
    'range',
    'of all',
    'J/token, nameplate',
  ];
  return section(
    {
      id: 'speed',
      title: 'How fast',
      clock: CLOCK,
      lead: 'Ranges hold assumed figures and measured errors.',
    },
    pageTable('Speeds by machine', head, rows),
  );
}

function causeSection(timed: readonly Timed[]): string {
  const charts = timed.map(({ machine, time }, i) => {
    const steps = CAUSES.map((name) => {
      const us = time.causes[name];
      const share = ((100 * us) / time.tokenUs).toFixed(0);
      return { name, us, note: `${microseconds(us)} · ${share} %` };
    });
    const title = `Microseconds of a token on ${machine}`;
    const chart = bothWidths(
      (width) => causeChart(steps, { width, title, to: 'a token' }),
      `causes-${i}`,
    );
    return element('h3', {}, escapeText(machine)) + figure('', chart);
  });
  const lead = 'Each cause has one owner; they add up to the time of a token.';
  return section(
    { id: 'causes', title: 'Where the time of a token goes', clock: CLOCK, lead },
    ...charts,
  );
}

function whatIfSection(timed: readonly Timed[]): string {
  const lead =
    'What each cause takes, of what is charged: half the software of a link, no crossings …';
  const about = { id: 'what-if', title: 'What if', clock: CLOCK, lead };
  return section(about, whatIf(timed));
}

function waterfallSection(first: Timed, others: readonly Timed[]): string {
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
      (width) => causeChart(steps, { width, title, from, to: machine }),
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
function expertsSection(timed: readonly Timed[]): string[] {
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
function besideSection(timed: readonly Timed[]): string[] {
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

function trustSection(timed: readonly Timed[]): string {
  const rows = timed.map(({ machine, time }) => [
    machine,
    [
      time.checked,
      ...time.swings.map(
        ({ figure: name, range, lowUs, highUs }) =>
          `assumed: ${name}, ${range}: ${microseconds(lowUs)} to ${microseconds(highUs)}`,
      ),
      ...(time.otherReduce
        ? [`with ${time.otherReduce.kernel}: ${microseconds(time.otherReduce.tokenUs)} a token`]
        : []),
    ].join('. '),
  ]);
  const lead =
    'Largest errors of the nearest published rows, and each assumed figure at both ends.';
  return section(
    { id: 'trust', title: 'How sure', clock: CLOCK, lead },
    element(
      'div',
      { class: 'trust' },
      pageTable('What each figure stands on', ['machine', 'what it stands on'], rows),
    ),
  );
}

function digits(value: number): string {
  if (Number.isNaN(value)) return '-';
  return value >= 1000 ? Math.round(value).toLocaleString('en') : String(+value.toPrecision(3));
}
