/**
 * `node scripts/pairs.ts BASE [MODEL…]`: this checkout's speed over that of another, BASE.
 *
 *   --placements N   how often both are loaded anew
 *   --task NAME      decode, prefill or 'decode of 32' alone
 *   --grid 1x1       tiles
 *
 * Both builds hold the model in a process of their own and are asked in turns: a machine that is
 * slow for a while is slow for both. Where a process's memory lies moves its rate by some percent
 * for as long as it lives: a checkout beside itself differed by up to 10 %. So both are loaded anew
 * several times, each first in turn; printed is the geometric mean of the medians, the medians, and
 * the ratio of processor time. BASE needs its `node scripts/bootstrap.mjs` first.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import type { Wafer } from '@wafer/runtime';

const SERVE = 'serve-in-turns';
const MODELS = ['synthetic:110m:f32', 'synthetic:110m:q8_0', 'synthetic:110m:q4_k'];
const PROMPT_TOKENS = 512;

/** How often both builds are loaded anew. Even, so that each is first equally often. */
const PLACEMENTS = '4';

/** A question: tokens of the prompt and of each answer, answers at once, rounds. */
const TASKS = {
  decode: { prompt: 3, tokens: 48, count: 1, rounds: 7 },
  prefill: { prompt: PROMPT_TOKENS, tokens: 1, count: 1, rounds: 5 },
  'decode of 32': { prompt: 3, tokens: 24, count: 32, rounds: 4 },
} as const;
type Task = keyof typeof TASKS;

/** Tokens a second, and microseconds of all threads per token. */
interface Figures {
  rate: number;
  cpuUs: number;
}

/** Answers by one build, in its process. */
async function serve(root: string, model: string, grid: string): Promise<void> {
  const entry = pathToFileURL(resolve(root, 'packages/runtime/src/index.ts')).href;
  const build = (await import(entry)) as { Wafer: typeof Wafer };
  const wafer = await build.Wafer.start({ model, grid });
  let asked = 0;
  process.on('message', (task: Task) => void measure(wafer, task, asked++).then(tell));
  tell('ready');
}

const tell = (message: Figures | 'ready'): void => void process.send?.(message);

async function measure(wafer: Wafer, task: Task, turn: number): Promise<Figures> {
  const { prompt, tokens, count } = TASKS[task];
  const cpu = process.cpuUsage();
  const begunMs = performance.now();
  let firstMs = 0;
  let made = 0;
  const answer = async (index: number): Promise<void> => {
    const ids = Array.from({ length: prompt }, (_, i) => 10 + ((i + 41 * turn + index) % 900));
    for await (const _ of wafer.generate(ids, { maxTokens: tokens, temperature: 0 })) {
      if (made++ === 0) firstMs = performance.now();
    }
  };
  await Promise.all(Array.from({ length: count }, (_, index) => answer(index)));
  const endMs = performance.now();
  const { user, system } = process.cpuUsage(cpu);
  const done = tokens === 1 ? prompt : made;
  const rate =
    tokens === 1
      ? prompt / (firstMs - begunMs)
      : count > 1
        ? made / (endMs - begunMs)
        : (made - 1) / (endMs - firstMs);
  return { rate: rate * 1000, cpuUs: (user + system) / done };
}

async function ask(build: ChildProcess, task: Task): Promise<Figures> {
  const told = once(build, 'message') as Promise<[Figures]>;
  build.send(task);
  const [figures] = await told;
  return figures;
}

/** A process of the build at `root` that holds the model. */
async function start(root: string, model: string, grid: string): Promise<ChildProcess> {
  const build = fork(import.meta.filename, [SERVE, root, model, grid]);
  await once(build, 'message');
  return build;
}

/** Adds the ratios of all rounds of a task: ours over the base's. */
async function playRounds(
  before: ChildProcess,
  now: ChildProcess,
  task: Task,
  { rates, costs }: Ratios,
): Promise<void> {
  await ask(before, task);
  await ask(now, task);
  for (let round = 0; round < TASKS[task].rounds; round++) {
    const isTurned = round % 2 === 1;
    const first = await ask(isTurned ? now : before, task);
    const second = await ask(isTurned ? before : now, task);
    const [old, ours] = isTurned ? [second, first] : [first, second];
    rates.push(ours.rate / old.rate);
    costs.push(ours.cpuUs / old.cpuUs);
  }
}

/** Per round: rate over rate, processor time over processor time. */
interface Ratios {
  rates: number[];
  costs: number[];
}

interface Comparison {
  placements: number;
  tasks: readonly Task[];
  grid: string;
}

async function compare(base: string, model: string, use: Comparison): Promise<void> {
  const { placements, tasks, grid } = use;
  const ours = resolve(import.meta.dirname, '..');
  const byTask = new Map(tasks.map((task) => [task, [] as Ratios[]]));
  for (let placement = 0; placement < placements; placement++) {
    const isOursFirst = placement % 2 === 1;
    const first = await start(isOursFirst ? ours : base, model, grid);
    const second = await start(isOursFirst ? base : ours, model, grid);
    const [before, now] = isOursFirst ? [second, first] : [first, second];
    for (const task of tasks) {
      const ratios: Ratios = { rates: [], costs: [] };
      await playRounds(before, now, task, ratios);
      byTask.get(task)!.push(ratios);
    }
    const ended = [before, now].map((build) => once(build, 'exit'));
    for (const build of [before, now]) build.kill();
    await Promise.all(ended);
  }
  for (const [task, ratiosOfTask] of byTask) {
    const rates = ratiosOfTask.map((ratios) => at(ratios.rates, 0.5));
    const costs = ratiosOfTask.map((ratios) => at(ratios.costs, 0.5));
    const each = rates.map((rate) => rate.toFixed(3)).join(' ');
    const cpu = `processor time ${mean(costs).toFixed(3)}`;
    process.stdout.write(`${model} ${task}: ${mean(rates).toFixed(3)} (${each}), ${cpu}\n`);
  }
}

/** The value below which a share of all lies. */
function at(values: readonly number[], share: number): number {
  return values.toSorted((a, b) => a - b)[Math.floor(share * (values.length - 1))]!;
}

/** Geometric mean, under which a ratio and its inverse cancel. */
function mean(ratios: readonly number[]): number {
  return Math.exp(ratios.reduce((sum, ratio) => sum + Math.log(ratio), 0) / ratios.length);
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    placements: { type: 'string', default: PLACEMENTS },
    task: { type: 'string' },
    grid: { type: 'string', default: '2x1' },
  },
});
const [first, ...rest] = positionals;
const all = Object.keys(TASKS) as Task[];
const tasks = all.filter((task) => values.task === undefined || task === values.task);
if (first === SERVE) await serve(rest[0]!, rest[1]!, rest[2]!);
else if (first === undefined || tasks.length === 0) {
  process.stderr.write(
    `usage: node scripts/pairs.ts [--placements N] [--task ${all.join('|')}] [--grid 2x1] ` +
      'BASE [MODEL…]\n',
  );
  process.exitCode = 2;
} else {
  const use = { placements: Number(values.placements), tasks, grid: values.grid };
  for (const model of rest.length > 0 ? rest : MODELS) await compare(resolve(first), model, use);
}
