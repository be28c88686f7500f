import { expect, test } from 'vitest';
import { runLine } from '../../scripts/run-line.ts';

test('every option of bench interconnect moves the numbers', async () => {
  const rate = async (...words: string[]): Promise<number> => {
    const asked = ['bench', 'interconnect', 'synthetic:tiny:f16', '--chips', '2', '--json'];
    const { stdout } = await runLine([...asked, ...words]);
    const { rows } = JSON.parse(stdout) as { rows: { link?: string; tokensPerS: number }[] };
    return rows.find(({ link }) => link !== undefined)!.tokensPerS;
  };
  const nvlink = ['--link', 'nvlink4', '--all-reduce', 'custom'];
  const asked = [
    nvlink,
    ['--link', 'nvlink5', '--all-reduce', 'custom'],
    ['--link', 'nvlink4', '--all-reduce', 'nccl'],
    [...nvlink, '--as', 'b200'],
    [...nvlink, '--chips', '4'],
    [...nvlink, '--context', '200'],
    [...nvlink, '--batch', '4'],
    [...nvlink, '--prompt', '32'],
    [...nvlink, '--plan', 'column'],
  ];
  const rates: number[] = [];
  for (const words of asked) rates.push(await rate(...words));
  expect(new Set(rates).size).toBe(rates.length);
});

test.each([
  ['interconnect --as gpu', 2, /PLAN_OPTION: --as is gpu/],
  ['interconnect --as host', 2, /MACHINE_PARAMETER: machine host lacks flopsPerS/],
  ['interconnect --link string', 2, /Expected nvlink3, nvlink4/],
  ['interconnect --link 1us,2GB/s', 2, /Expected nvlink3, nvlink4/],
  ['sweep --latency 5us..1us', 2, /Expected a range of times/],
  ['sweep --bandwidth 0..1GB/s', 2, /Expected rates above 0/],
])('`bench %s` ends with %i and says why', async (line, exitCode, message) => {
  const { code, stderr, stdout } = await runLine(['bench', ...line.split(' ')]);
  expect({ code, stdout }).toEqual({ code: exitCode, stdout: '' });
  expect(stderr).toMatch(message);
});

test('what no wafer holds is said to be a limit, one wafer cut in four is one wafer', async () => {
  const words = ['bench', 'interconnect', 'llama-3-70b', '--chips', '2', '--link', 'nvlink4'];
  const { stdout } = await runLine([...words, '--all-reduce', 'custom']);
  expect(stdout).toMatch(/weights are 14\d\.\d GB, a wafer holds 43\.4/);
  expect(stdout).toContain('software is 68 to 96% of it, so software costs more than its wire');
  const small = ['bench', 'interconnect', 'synthetic:tiny:f16', '--as', 'wse3', '--chips', '4'];
  const one = await runLine([...small, '--link', 'infiniband-ndr']);
  expect(one.stdout).toContain('one Cerebras WSE-3 cut in 4');
  expect(one.stdout).not.toMatch(/a wafer holds|of a message are measured/);
});
