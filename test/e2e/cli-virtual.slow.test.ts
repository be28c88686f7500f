import { expect, test } from 'vitest';
import { runCli, runCliJson, runCliWell } from './cli-process.ts';

const ASKED = ['run', 'synthetic:tiny', 'Once upon a time', '--max-tokens', '6'];
const CUT = ['--grid', '2x1', '--dice', '2x1'];
const MACHINE = ['--as', 'h100', '--link', 'nvlink4'];

interface Told {
  tokens: number[];
  virtual: { name: string; decodeVirtualNs: number; delays?: { heldCount: number } };
}

async function told(...words: string[]): Promise<Told> {
  return (await runCliJson([...ASKED, ...words, '--json'])) as unknown as Told;
}

test('run tells the time of another machine, and which', async () => {
  const { code, stderr } = await runCli([...ASKED, ...CUT, ...MACHINE]);
  expect(code).toBe(0);
  expect(stderr).toMatch(
    / · virtual clock: H100 ×2 over nvlink4: prompt [\d.]+\/s, generated [\d.]+\/s\n$/,
  );
});

const asked: [string, string[]][] = [
  ['H100 ×2 over nvlink4', [...CUT, ...MACHINE]],
  ['B200 ×2 over nvlink4', [...CUT, '--as', 'b200', '--link', 'nvlink4']],
  ['H100 ×2 over latency=5us,bandwidth=1GB/s', [...CUT, '--link', 'latency=5us,bandwidth=1GB/s']],
  [
    'H100 ×2 over nvlink4, custom all-reduce',
    [...CUT, ...MACHINE, '--plan', 'megatron', '--all-reduce', 'custom'],
  ],
  ['WSE3', ['--grid', '2x1', '--as', 'wse3']],
];
const times = new Set<number>();
let plain: Promise<Told> | undefined;

test.each(asked)('as %s: another time, the same tokens', async (name, words) => {
  const { tokens, virtual } = await told(...words);
  const without = await (plain ??= told());
  expect(without.virtual).toBeUndefined();
  expect(tokens).toEqual(without.tokens);
  expect(virtual.name).toBe(name);
  expect(virtual.decodeVirtualNs).toBeGreaterThan(0);
  expect(times).not.toContain(virtual.decodeVirtualNs);
  times.add(virtual.decodeVirtualNs);
});

test('held messages are counted, and how well they were held is told', async () => {
  const words = [...ASKED, ...CUT, '--link', 'latency=600us,overhead=100us', '--inject-delays'];
  const { code, stderr } = await runCli(words);
  expect(code).toBe(0);
  expect(stderr).toMatch(/ · \d+ messages held [\d.]+ ms of 0\.70 asked, median error [\d.]+%\n$/);
  const { virtual } = await told(...words.slice(ASKED.length));
  expect(virtual.delays?.heldCount).toBeGreaterThan(0);
});

test('plan says what the first token takes there, and logits tells the same clock', async () => {
  const words = ['synthetic:tiny', ...CUT, ...MACHINE];
  const [text, plan, logits] = await Promise.all([
    runCliWell(['plan', ...words]),
    runCliJson(['plan', ...words, '--json']),
    runCliJson(['logits', ...words, '--tokens', '0']),
  ]);
  expect(text).toMatch(/^simulated clock +H100 ×2 over nvlink4: the first token takes \d+ us$/m);
  const { tokenNs } = plan['described'] as { tokenNs: number };
  expect(logits['virtual']).toMatchObject({ clock: 'virtual', totalVirtualNs: tokenNs });
});

test.each([
  [[...CUT, '--as', 'h100'], 'PLAN_OPTION: --link is none'],
  [[...CUT, ...MACHINE, '--inject-delays'], '--link is nvlink4, 2800 ns; expected a link whose'],
  [['--inject-delays'], 'PLAN_OPTION: --inject-delays is true'],
  [['--as', 'h200'], 'PLAN_OPTION: --as is h200; expected one of wse3'],
  [['--link', 'wire'], 'Expected port, unix, tcp, nvlink3, nvlink4'],
])('%j is refused', async (words, message) => {
  const { code, stderr } = await runCli([...ASKED, ...words]);
  expect(code).not.toBe(0);
  expect(stderr).toContain(message);
});
