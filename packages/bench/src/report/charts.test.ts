import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { causeChart } from '../project/cause-chart.ts';
import { barChart } from './bar-chart.ts';
import { curveChart } from './curve-chart.ts';
import { bytes, percent, rate, shorten, ticksBetween, ticksTo } from './figures.ts';
import { element, escapeText, svgText } from './markup.ts';
import { compare, runBefore, runOf } from '../cut/compare-runs.ts';
import type { KeptRun } from '../cut/compare-runs.ts';
import { besideSection } from './run-sections.ts';
import { linesChart, spreadLabels } from './scaling-chart.ts';
import { sharesChart } from './shares-chart.ts';
import { contourPath, sweepChart } from './sweep-chart.ts';
import { trustScatter } from './trust-scatter.ts';
import { fallFinding, waterfallChart, worstCause } from './waterfall-chart.ts';

const HOSTILE = '</text><script>alert("x")</script>\u0000&';
const TERMS = { bandwidth: true, latency: true, overhead: true, memory: true };

function fall(model: string, kept: readonly number[]): Parameters<typeof waterfallChart>[0] {
  const rows = kept.map((share, i) => ({
    name: `cause ${i}`,
    terms: TERMS,
    tokensPerS: 100 * share,
    kept: share,
    factor: share / (kept[i - 1] ?? share),
  }));
  return { model, clock: 'simulated', link: 'nvlink4', collective: 'nccl', rows };
}

const widths = (svg: string, mark: string): number[] =>
  [...svg.matchAll(new RegExp(`class="mark ${mark}"[^>]* width="([\\d.]+)"`, 'g'))].map(
    ([, width]) => Number(width),
  );

test('no name can leave its text', () => {
  expect(escapeText(HOSTILE)).toBe(
    '&lt;/text&gt;&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;&amp;',
  );
  expect(element('g', { title: '"><a' })).toBe('<g title="&quot;&gt;&lt;a"></g>');
  expect(svgText({ x: 1, y: 2.345 }, '<b>')).toBe('<text x="1" y="2.35">&lt;b&gt;</text>');
  const charts = [
    waterfallChart(fall(HOSTILE, [1, 0.5]), 'f'),
    barChart([{ name: HOSTILE, value: 1, color: 'c1', note: HOSTILE }], {
      width: 900,
      id: 'b',
      title: HOSTILE,
      axis: HOSTILE,
    }),
    sharesChart([{ name: HOSTILE, shares: [{ name: HOSTILE, share: 1 }] }], {
      width: 340,
      id: 's',
      title: HOSTILE,
    }),
  ];
  for (const chart of charts) {
    for (const bad of ['<script', '</text><s', '\u0000']) expect(chart).not.toContain(bad);
  }
});

test('a waterfall draws what is kept in proportion, and what each cause took', () => {
  const svg = waterfallChart(fall('m', [1, 1, 0.5, 0.25]), 'f');
  const [all, cut, half, quarter] = widths(svg, 'c1');
  expect(cut).toBe(all);
  expect(half! / all!).toBeCloseTo(0.5, 2);
  expect(quarter! / all!).toBeCloseTo(0.25, 2);
  const [first, second] = widths(svg, 'lost');
  expect([first! / all!, second! / all!]).toEqual([
    expect.closeTo(0.5, 2),
    expect.closeTo(0.25, 2),
  ]);
});

test('a waterfall names the cause with the largest factor', () => {
  expect(worstCause(fall('m', [1, 1, 0.9, 0.3]))).toBe('cause 3');
  expect(fallFinding(fall('m', [1, 1, 0.9, 0.3]))).toBe('30% left, most lost to cause 3');
  expect(worstCause(fall('m', [1, 1]))).toBeUndefined();
  expect(fallFinding(fall('m', [1, 1]))).toBe('100% left');
});

test('bars are in proportion at both widths, and stay inside', () => {
  for (const width of [340, 1000]) {
    const bars = [
      { name: 'a', value: 10, range: { min: 8, max: 12 }, color: 'c1' },
      { name: 'b', value: 5, color: 'c1' },
    ] as const;
    const svg = barChart(bars, { width, id: 'b', title: 't', axis: 'x' });
    const [a, b] = widths(svg, 'c1');
    expect(b! / a!).toBeCloseTo(0.5, 2);
    expect(a).toBeLessThan(width);
    expect(svg.match(/class="whisker"/g)).toHaveLength(1);
  }
});

test('shares fill their bar', () => {
  const shares = [0.5, 0.25, 0.15, 0.1].map((share, i) => ({ name: `s${i}`, share }));
  const svg = sharesChart([{ name: 'row', shares }], { width: 402, id: 's', title: 't' });
  const sizes = [...svg.matchAll(/class="mark[^>]* width="([\d.]+)" height="17"/g)];
  expect(sizes.reduce((sum, [, width]) => sum + Number(width), 0)).toBeCloseTo(400, 1);
});

test('lines go through their points, by factors of two', () => {
  const points = [1, 2, 4].map((x) => ({ x, y: x }));
  const options = { title: 't', note: 'n', axis: 'chips', scale: 'factor' } as const;
  const svg = linesChart([{ name: 'line', style: 'custom', points }], options);
  const path = /class="mark line custom" d="([^"]+)"/.exec(svg)?.[1] ?? '';
  const [x1, y1, x2, y2, x3, y3] = path.match(/[\d.]+/g)!.map(Number);
  expect(x2! - x1!).toBeCloseTo(x3! - x2!, 1);
  expect(y1! - y2!).toBeCloseTo(y2! - y3!, 1);
  expect(svg.match(/class="mark point custom"/g)).toHaveLength(3);
});

test('labels that would lie on each other move apart and keep their order', () => {
  const spread = spreadLabels([100, 101, 50]);
  expect(spread[1]! - spread[0]!).toBeGreaterThanOrEqual(14);
  expect(spread[2]).toBeCloseTo(50);
  expect(spreadLabels([100, 101, 50], 104)).toEqual([89, 104, 50]);
});

test('a sweep shows every cell with its bottleneck, and contours where there is a border', () => {
  const cells = [0.95, 0.6, 0.4, 0.2].map((kept, i) => ({
    latencyNs: i < 2 ? 0 : 1000,
    bandwidthBytesPerS: i % 2 === 0 ? 1e9 : 9e11,
    tokensPerS: kept * 100,
    kept,
    bottleneck: 'latency' as const,
  }));
  const sweep = { model: HOSTILE, link: 'l', collective: 'nccl', clock: 'simulated' } as const;
  const svg = sweepChart({ ...sweep, idealTokensPerS: 100, cells }, 340);
  expect(svg.match(/class="mark cell"/g)).toHaveLength(4);
  expect(svg.match(/>L</g)).toHaveLength(4);
  expect(svg).toMatch(/contour ninety.*contour fifty/);
  expect(svg).not.toContain('<script');
});

test('a contour is the border of a region, and nothing where there is none', () => {
  const size = { rows: 2, columns: 2 };
  const place = (row: number, column: number): { x: number; y: number } => ({ x: column, y: row });
  expect(contourPath(size, () => true, place)).toBe('');
  const corner = contourPath(size, (row, column) => row + column === 0, place);
  expect(corner).toBe('M1.0 0L1.0 1M0.0 1L1.0 1');
});

test('figures are short, and ticks are round', () => {
  expect([0.123, 0.05, 1, 0].map(percent)).toEqual(['12%', '5.0%', '100%', '0%']);
  expect([12_345.6, 123.4, 1.234].map(rate)).toEqual(['12,346', '123', '1.23']);
  expect([1_234_567, 1234, 12].map(bytes)).toEqual(['1.23 MB', '1.23 kB', '12 B']);
  expect(ticksTo(8308, 5)).toEqual([0, 2000, 4000, 6000, 8000, 10_000]);
  expect(ticksTo(0, 5)).toEqual([0, 1]);
  expect(shorten('abcdef', 4)).toBe('abc…');
});

test('bars of causes end where the next begins, and the whole is their sum', () => {
  const steps = [
    { name: 'memory', us: 300, note: 'a' },
    { name: 'wire', us: 0, note: 'left out' },
    { name: 'launches', us: -100, note: 'b <&>' },
  ];
  const from = { name: 'one', us: 200 };
  for (const width of [1000, 336]) {
    const drawn = causeChart(steps, { width, title: 'from one to two', from, to: 'two' });
    const bars = [...drawn.matchAll(/<rect class="mark c\d" x="([\d.]+)" width="([\d.]+)"/g)].map(
      ([, x, long]) => [Number(x), Number(x) + Number(long)] as const,
    );
    const [before, memory, launches, after] = bars;
    expect(bars).toHaveLength(4);
    expect(memory![0]).toBeCloseTo(before![1], 1);
    expect(launches![1]).toBeCloseTo(memory![1], 1);
    expect(after![1]).toBeCloseTo(launches![0], 1);
    expect((after![1] - after![0]) / (before![1] - before![0])).toBeCloseTo(2, 1);
    expect(drawn).not.toContain('left out');
    expect(drawn).toContain('b &lt;&amp;&gt;');
  }
});

test('a scatter has a point for each row that was predicted, and fitted ones are hollow', () => {
  const row = { cohort: 'c', row: HOSTILE, unit: 'us', reference: 10, isFitted: false } as const;
  const rows = [
    { ...row, predicted: 10 },
    { ...row, predicted: 1000, isFitted: true },
    { ...row, refused: 'no' },
  ];
  const svg = trustScatter(rows, 336);
  expect(svg.match(/class="mark/g)).toHaveLength(2);
  expect(svg.match(/class="mark hollow"/g)).toHaveLength(1);
  // Equal values lie on the line from the lower left to the upper right.
  const [, x, y] = /on-wafer" cx="([\d.]+)" cy="([\d.]+)"/.exec(svg)!.map(Number);
  const [, left, bottom, right, top] = /d="M(\S+) (\S+)L(\S+) (\S+)"/.exec(svg)!.map(Number);
  expect((x! - left!) / (right! - left!)).toBeCloseTo((bottom! - y!) / (bottom! - top!), 2);
  expect(svg).not.toContain('<script');
});

test('a curve has as many points as columns, its means in a band of all steps', () => {
  const points = Array.from({ length: 2000 }, (_, i) => ({ x: i + 1, y: i % 2 === 0 ? 1 : 3 }));
  const whole = [...points, { x: 2001, y: Number.NaN }];
  const options = { width: 1000, title: HOSTILE, axis: HOSTILE };
  const svg = curveChart(
    [
      { name: HOSTILE, points: whole },
      { name: 'none', points: [] },
    ],
    options,
  );
  const [, line = ''] = /class="mark curve k1" d="M([^"]+)"/.exec(svg)!;
  const places = line.split('L').map((place) => place.split(' ').map(Number));
  expect(places).toHaveLength(240);
  const [top, bottom] = [3, 1].map((tick) => {
    const label = new RegExp(`y="([\\d.]+)" class="t m" text-anchor="end">${tick}<`).exec(svg)!;
    return Number(label[1]) - 4;
  });
  expect(places[100]![1]).toBeCloseTo((top! + bottom!) / 2, -1);
  const [, band = ''] = /class="c1 faint" d="M([^"]+)Z"/.exec(svg)!;
  expect(band.split('L')).toHaveLength(480);
  expect(Number(band.split('L')[0]!.split(' ')[1])).toBeCloseTo(top!, 0);
  expect(svg).not.toContain('<script');
  expect(svg).not.toContain('NaN');
  expect(ticksBetween(-0.2, 1.1, 5)).toEqual([-0.5, 0, 0.5, 1, 1.5]);
  expect(ticksBetween(2, 2, 5)).toEqual([2, 2.5]);
  expect(ticksBetween(2.1, 2.100001, 5)).toEqual([2, 2.5]);
});

test('a run stands beside the newest before it with the same model and settings', () => {
  const parent = mkdtempSync(join(tmpdir(), 'wafer-runs-'));
  const made = (id: string, settings: object, decode: number): KeptRun => {
    const meta = { id, model: { name: HOSTILE }, settings, machine: { date: id } };
    const csv =
      'row,prefill_tokens_per_s,decode_tokens_per_s,tokens_hash\n' +
      `"2x1, whole",100,${decode},abc\n2x1 diced,50,10,abc\n`;
    mkdirSync(join(parent, id));
    writeFileSync(join(parent, id, 'meta.json'), JSON.stringify(meta));
    writeFileSync(join(parent, id, 'wall.csv'), csv);
    return runOf(join(parent, id), meta, csv);
  };
  try {
    made('1', { grid: '2x1' }, 50);
    made('2', { grid: '2x1' }, 100);
    made('3', { grid: '4x1' }, 1);
    mkdirSync(join(parent, '4'));
    const now = made('5', { grid: '2x1' }, 150);
    const before = runBefore(parent, now);
    expect(before?.meta['id']).toBe('2');
    const { pairs, differences } = compare(before!, now);
    expect(pairs.map(({ row, ratio }) => [row, ratio])).toEqual([
      ['2x1, whole', 1.5],
      ['2x1 diced', 1],
    ]);
    expect(differences.map(({ name }) => name)).toEqual(['machine.date']);
    const text = besideSection(before, now);
    expect(text).toContain('1.00 to 1.50 times that of the run before');
    expect(text.match(/scope="row"/g)).toHaveLength(2);
    expect(besideSection(undefined, now)).toBe('');
  } finally {
    rmSync(parent, { recursive: true });
  }
});
