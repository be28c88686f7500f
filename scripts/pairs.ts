/**
 * `node scripts/pairs.ts BASE [MODEL…]`: the speed of this checkout over that of another, BASE.
 *
 * Both builds hold the model in a process of their own and are asked in turns: a machine that is
 * slow for a while is slow for both. Printed are medians and quartiles of the rounds' ratios, and
 * the ratio of processor time. BASE needs its `node scripts/bootstrap.mjs` first.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Wafer } from '@wafer/runtime';

const SERVE = '--serve';
const MODELS = ['synthetic:110m:f32', 'synthetic:110m:q8_0', 'synthetic:110m:q4_k'];
const PROMPT_TOKENS = 512;

/** A question: tokens of the prompt and of each answer, answers at once, rounds. */
const TASKS = {
  decode: { prompt: 3, tokens: 48, count: 1, rounds: 15 },
  prefill: { prompt: PROMPT_TOKENS, tokens: 1, count: 1, rounds: 15 },
  'decode of 32': { prompt: 3, tokens: 24, count: 32, rounds: 8 },
} as const;
type Task = keyof typeof TASKS;

/** Tokens a second, and microseconds of all threads per token. */
interface Figures {
  rate: number;
  cpuUs: number;
}

/** Answers by one build, in its process. */
async function serve(root: string, model: string): Promise<void> {
  const entry = pathToFileURL(resolve(root, 'packages/runtime/src/index.ts')).href;
  const build = (await import(entry)) as { Wafer: typeof Wafer };
  const wafer = await build.Wafer.start({ model, grid: '2x1' });
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

async function compare(base: string, model: string): Promise<void> {
  const builds = await Promise.all(
    [base, resolve(import.meta.dirname, '..')].map(async (root) => {
      const build = fork(import.meta.filename, [SERVE, root, model]);
      await once(build, 'message');
      return build;
    }),
  );
  const [before, now] = builds as [ChildProcess, ChildProcess];
  for (const task of Object.keys(TASKS) as Task[]) {
    await ask(before, task);
    await ask(now, task);
    const rates: number[] = [];
    const costs: number[] = [];
    for (let round = 0; round < TASKS[task].rounds; round++) {
      const isTurned = round % 2 === 1;
      const first = await ask(isTurned ? now : before, task);
      const second = await ask(isTurned ? before : now, task);
      const [old, ours] = isTurned ? [second, first] : [first, second];
      rates.push(ours.rate / old.rate);
      costs.push(ours.cpuUs / old.cpuUs);
    }
    const at = (values: readonly number[], share: number): string => {
      const sorted = values.toSorted((a, b) => a - b);
      return sorted[Math.floor(share * (sorted.length - 1))]!.toFixed(3);
    };
    const quartiles = `${at(rates, 0.25)} to ${at(rates, 0.75)}`;
    const cpu = `processor time ${at(costs, 0.5)}`;
    process.stdout.write(`${model} ${task}: ${at(rates, 0.5)} (${quartiles}), ${cpu}\n`);
  }
  for (const build of builds) build.kill();
}

const [first, ...rest] = process.argv.slice(2);
if (first === SERVE) await serve(rest[0]!, rest[1]!);
else if (first === undefined) {
  process.stderr.write('usage: node scripts/pairs.ts BASE [MODEL…]\n');
  process.exitCode = 2;
} else for (const model of rest.length > 0 ? rest : MODELS) await compare(resolve(first), model);
