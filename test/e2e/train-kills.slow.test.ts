/**
 * Kills of a training run at random moments, of the command or of one of its chips. A seed says
 * when; `WAFER_KILLS` asks for more of them, and then what happened is told.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Random } from '@wafer/fabric/links';
import { afterAll, expect, test } from 'vitest';
import { runCliWell, startCli, temporaryFolder } from './cli-process.ts';
import type { CliProcess } from './cli-process.ts';

const KILLS = Number(process.env['WAFER_KILLS'] ?? 6);
const SEED = Number(process.env['WAFER_SEED'] ?? 1);

const folder = temporaryFolder();
afterAll(() => folder[Symbol.dispose]());
const at = (name: string): string => join(folder.path, name);
writeFileSync(
  at('tokens.u16'),
  Uint16Array.from({ length: 400 }, (_, i) => (i * i + 7 * i) % 50),
);

const SHAPE = ['--layers', '2', '--width', '16', '--heads', '2', '--vocab', '50'];
const SIZE = ['--batch', '4', '--context', '16', '--warmup', '2', '--steps', '12'];
const BEGIN = ['train', ...SHAPE, ...SIZE, '--data', at('tokens.u16')];
const WAYS = [
  [],
  ['--replicas', '1'],
  ['--stages', '2', '--chips', '2', '--link', 'unix'],
  ['--replicas', '2', '--chips', '2', '--link', 'tcp'],
];

/** What happened in all. */
const tally = { runs: 0, commands: 0, chips: 0, beforeCheckpoint: 0, tooLate: 0 };

/** Processes that a command has started. */
function childrenOf(pid: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => {
      try {
        const [, rest = ''] = readFileSync(`/proc/${name}/stat`, 'latin1').split(/\) (?=\w )/);
        return Number(rest.split(' ')[1]) === pid;
      } catch {
        return false; // it has ended
      }
    })
    .map(Number);
}

/** Kills the command or one of its chips after a while; whom, if anybody was left. */
async function strike(run: CliProcess, random: Random): Promise<'command' | 'chip' | undefined> {
  const isEarly = random.fraction() < 0.3;
  const delayMs = random.below(isEarly ? 1500 : 250);
  const isOnChip = random.fraction() < 0.5;
  const pick = random.fraction();
  if (!isEarly) await Promise.race([run.firstOutput.catch(() => undefined), run.ended]);
  await new Promise((resolve) => setTimeout(resolve, delayMs));
  const { child } = run;
  if (child.exitCode !== null || child.pid === undefined) return undefined;
  const chips = childrenOf(child.pid);
  const chip = chips[Math.floor(pick * chips.length)];
  if (!isOnChip || chip === undefined) {
    child.kill('SIGKILL');
    return 'command';
  }
  try {
    process.kill(chip, 'SIGKILL');
    return 'chip';
  } catch {
    return undefined; // it has just ended
  }
}

/** Trains in a folder until it is done, under so many kills; how many there were. */
async function trainUnderKills(out: string, random: Random, killsMax: number): Promise<number> {
  let kills = 0;
  for (;;) {
    const checkpoints = join(out, 'checkpoints');
    const hasOne =
      existsSync(checkpoints) && readdirSync(checkpoints).some((name) => name.startsWith('step-'));
    const words = hasOne ? ['train', '--resume', out] : [...BEGIN, '--out', out];
    if (!hasOne && kills > 0) tally.beforeCheckpoint++;
    const way = WAYS[random.below(WAYS.length)]!;
    const run = startCli([...words, ...way, '--checkpoint-every', '1', '--json']);
    const victim = kills < killsMax ? await strike(run, random) : undefined;
    const { code, signal, stderr } = await run.ended;
    if (code === 0) {
      if (victim !== undefined) tally.tooLate++;
      return kills;
    }
    expect(victim, `${words.join(' ')} ${way.join(' ')}: ${stderr}`).toBeDefined();
    if (victim === 'command') expect(signal).toBe('SIGKILL');
    else expect(stderr).toMatch(/CHIP_DIED|LINK_BROKEN/);
    tally[victim === 'chip' ? 'chips' : 'commands']++;
    kills++;
  }
}

test(
  `${KILLS} kills at random moments: each run ends with the weights of one left alone`,
  { timeout: 60_000 + KILLS * 20_000 },
  async () => {
    await runCliWell([...BEGIN, '--out', at('whole')]);
    const weightsOf = (name: string): Buffer => readFileSync(join(at(name), 'model.safetensors'));
    const random = new Random(SEED);
    for (let kills = 0; kills < KILLS; tally.runs++) {
      const name = `torn-${tally.runs}`;
      kills += await trainUnderKills(at(name), random, Math.min(6, KILLS - kills));
      expect(Buffer.compare(weightsOf(name), weightsOf('whole')), name).toBe(0);
      if (process.env['WAFER_KILLS'] !== undefined) console.info(JSON.stringify(tally));
    }
  },
);
