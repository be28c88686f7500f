import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runCli, runCliJson, runCliWell, temporaryFolder } from './cli-process.ts';

interface Row {
  name: string;
  link?: string;
  collective?: string;
  tokensPerS: number;
  kept?: number;
  kerfBytesPerStep: number;
}

const MODEL = 'synthetic:tiny:f16';

test('bench interconnect shows the wafer, free links, and each link by all-reduce', async () => {
  const words = ['bench', 'interconnect', MODEL, '--chips', '2', '--json'];
  const report = await runCliJson(words);
  expect(report).toMatchObject({ clock: 'simulated', tokensComputed: false, model: MODEL });
  const rows = report['rows'] as Row[];
  const names = rows.map(({ name, collective }) => `${name} ${collective ?? ''}`.trim());
  expect(names.slice(0, 3)).toEqual(['wse3, uncut', 'uncut wafer of h100', 'h100, free links']);
  for (const kind of ['custom', 'nccl']) expect(names).toContain(`h100, nvlink4 ${kind}`);
  expect(names).toContain('h100, ethernet-100g nccl');
  expect(names).not.toContain('h100, ethernet-100g custom');
  for (const row of rows.filter(({ link }) => link !== undefined)) {
    expect(row.kept).toBeLessThan(1);
    // Embedded row there and back, and two reduces in each of two layers, of 64 elements.
    expect(row.kerfBytesPerStep).toBe((1 + 2 * 2 * 2) * 64 * 2);
  }
  const falls = report['waterfalls'] as { model: string; rows: { tokensPerS: number }[] }[];
  expect(falls.map(({ model }) => model)).toEqual([MODEL, MODEL, '8B', '8B', '70B', '70B']);
  for (const { rows: stairs } of falls) {
    const rates = stairs.map(({ tokensPerS }) => tokensPerS);
    expect(rates).toEqual(rates.toSorted((a, b) => b - a));
  }
});

test('bench interconnect prints its clock, its tables and what is assumed', async () => {
  const link = '2us,25GB/s,5us';
  const words = ['bench', 'interconnect', 'llama-3-8b', '--chips', '4', '--link', link];
  const text = await runCliWell(words);
  expect(text).toMatch(/^wafer bench interconnect · simulated clock: .*no tokens computed\n/);
  expect(text).toContain('llama-3-8b (bf16), megatron plan on 4 x NVIDIA H100 SXM, decode');
  expect(text).toMatch(/^h100, 2us,25GB\/s,5us +custom +\d/m);
  expect(text).toMatch(/^turned on +walk custom +walk nccl +8B closed custom/m);
  expect(text).toMatch(/^cut +\d+ 100% +\d+ 100%/m);
});

test('bench sweep names a bottleneck in each cell, for both all-reduces', async () => {
  const asked = ['bench', 'sweep', MODEL, '--chips', '2', '--latency', '0..100us'];
  const words = [...asked, '--bandwidth', '1..900GB/s', '--cells', '3'];
  const text = await runCliWell(words);
  expect(text.match(/^ +100 us( +[\d.]+% [makfBLS]){3}$/gm)).toHaveLength(2);
  const report = await runCliJson([...words, '--json']);
  const sweeps = report['sweeps'] as { collective: string; cells: { bottleneck: string }[] }[];
  expect(sweeps.map(({ collective }) => collective)).toEqual(['custom', 'nccl']);
  for (const { cells } of sweeps) {
    expect(cells).toHaveLength(9);
    expect(cells.at(-1)!.bottleneck).toBe('latency');
  }
});

test('validate judges cohorts, prints rows worst first, and judges other tables', async () => {
  const text = await runCliWell(['validate', '--rows', '5']);
  expect(text).toMatch(/^cohort /);
  expect(text).toMatch(/^The worst 5 of \d{3} rows, .*\n.*\n(.+ [+-][\d.]+%.*\n?){5}$/m);
  expect(text).toMatch(/^wafer decode +8 of 8 +\d\.\d% +\d\.\d% +4 /m);
  const missed = /^not met, GPU decode, .*: median \/ largest 3\.4 \/ 23\.2 %, gate 8 \/ 20 %: /m;
  expect(text).toMatch(missed);
  const report = await runCliJson(['validate', '--json']);
  expect((report['rows'] as object[]).length).toBeGreaterThan(300);
  using folder = temporaryFolder();
  const file = join(folder.path, 'reduce.csv');
  const head = 'source,cycles,group_size_pes,vector_wavelets,pes,algorithm';
  writeFileSync(file, `${head}\n"me, here",4800,16,2048,512,two-phase\n`);
  const judged = await runCliJson(['validate', '--against', file, '--json']);
  expect(judged).toMatchObject({ table: 'wafer-reduce', rowCount: 1, answeredCount: 1 });
  writeFileSync(file, 'a,b\n1,2\n');
  const { code, stderr } = await runCli(['validate', '--against', file]);
  expect(code).toBe(2);
  expect(stderr).toMatch('VALIDATE_TABLE');
});

test('project says where a model lives, how fast it is and why, and how sure that is', async () => {
  const words = [
    'project',
    'llama-3.1-70b',
    '--on',
    'wse3',
    '--vs',
    'h100x8,h100x1',
    '--draft',
    '4',
  ];
  const text = await runCliWell(words);
  expect(text).toMatch(/^wse3x4 +4 +layers in a row +bf16 /m);
  expect(text).toMatch(/^h100x1 +- +refused +bf16 /m);
  expect(text).toMatch(/^h100x1: .* GB more than a GPU has; 2 hold it$/m);
  expect(text).toMatch(/^a token( +\d+){2}$/m);
  expect(text).toMatch(/^ {2}assumed: crossing of a wafer, /m);
  for (const line of text.split('\n')) expect(line.length, line).toBeLessThanOrEqual(100);
  expect(text).toMatch(/^Speculation, a multiplier apart: /m);
  expect(text).toMatch(/^equal power of systems, by nameplate; at equal silicon /m);
  expect(text).toMatch(/^With 64 sequences, tokens\/s of all, .*: wse3x\d+ \d+, \d+ per kW/m);
  expect(text).toMatch(/^ {2}2024-08-27 CS-3 \(Cerebras\) 445 to 450, without speculation: /m);
  // Parts that say nothing leave no gap.
  const refused = await runCliWell(['project', 'llama-3.1-70b', '--on', 'wse3x2', '--vs', '']);
  for (const each of [text, refused]) expect(each).not.toContain('\n\n\n');
  const report = await runCliJson([...words, '--json']);
  expect(report).toMatchObject({ tokensComputed: false, waterfalls: [{ to: 'h100x8' }] });
  using folder = temporaryFolder();
  const picture = join(folder.path, 'projection.svg');
  await runCliWell([...words, '--svg', picture]);
  expect(readFileSync(picture, 'utf8')).toMatch(
    /^<svg [^]*wse3x4 to h100x8: 5\.1 times[^]*crossings/,
  );
  const config = join(folder.path, 'config.json');
  writeFileSync(config, '{"hidden_size": 64}');
  expect((await runCli(['project', config])).stderr).toMatch('CONFIG_INVALID');
});

test('a run counts its experts, and project takes the count as a routing', async () => {
  using folder = temporaryFolder();
  const profile = join(folder.path, 'experts.json');
  const run = ['run', 'synthetic:gpt-oss', 'x', '--max-tokens', '4', '--expert-profile', profile];
  await runCliWell(run);
  const counted = JSON.parse(readFileSync(profile, 'utf8')) as { layers: { counts: number[] }[] };
  const sums = counted.layers.map(({ counts }) => counts.reduce((a, b) => a + b));
  expect(new Set(sums).size).toBe(1);
  const routed = ['project', 'gpt-oss-20b', '--vs', 'h100x8', '--experts', 'whole', '--routing'];
  const text = await runCliWell([...routed, 'skew:1']);
  expect(text).toMatch(/^h100x8: experts by whole in 8 groups, routing skew 1; the busiest has /m);
  const { stderr } = await runCli([...routed, profile]);
  expect(stderr).toMatch('PLAN_OPTION: --routing is a profile of synthetic:gpt-oss, 7 experts');
});

test('bench scaling compares tensor shares and stages on more and more chips', async () => {
  const words = ['bench', 'scaling', MODEL, '--chips', '2', '--all-reduce', 'nccl'];
  const text = await runCliWell(words);
  expect(text).toMatch(/^decode, batch 32 +tensor +nccl +2 +\d+ +[\d.]+x +[\d.]+% +\w+$/m);
  expect(text).toMatch(/^prefill of 512 +pipeline +2 +\d+ +[\d.]+x +[\d.]+% +\w+$/m);
  expect(text).toMatch(/^prefill of 512 +tiles +2 +\d+ +[\d.]+x +100% +\w+$/m);
  expect(text).toMatch(/^Pipeline stages: interconnect takes less than a tenth /m);
  const report = await runCliJson([...words, '--json']);
  expect(report['rows']).toHaveLength(4 * (3 + 2));
});
