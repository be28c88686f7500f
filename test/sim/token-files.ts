/**
 * Prints which files of the packages run at each decoded token, a path a line: by V8's counts of
 * calls, of the engine and tiles on one thread, and of the caller's thread of a wafer with threads.
 *
 *     node test/sim/token-files.ts
 */
import { Session } from 'node:inspector';
import type { Profiler } from 'node:inspector';
import { openModel, Wafer } from '@wafer/runtime';
import { checkExtras, SAMPLING_DEFAULTS } from '@wafer/runtime/internal';
import { OneThreadWafer } from './one-thread-wafer.ts';
import { Random } from './random.ts';

/** Tokens before the count, until all is warm, and those that are counted. */
const BEFORE = 8;
const COUNTED = 24;

const session = new Session();
session.connect();
session.post('Profiler.enable');
session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false });

/** Calls since the last time, by script; inspectors of the own thread answer at once. */
function takeCounts(): Profiler.ScriptCoverage[] {
  let counts: Profiler.ScriptCoverage[] = [];
  session.post('Profiler.takePreciseCoverage', (error, taken) => {
    if (error) throw error;
    counts = taken.result;
  });
  return counts;
}

/** Paths in packages of scripts with a function that ran for each token. */
function runningPaths(counts: readonly Profiler.ScriptCoverage[]): string[] {
  return counts
    .filter(({ functions }) => functions.some(({ ranges }) => ranges[0]!.count >= COUNTED))
    .flatMap(({ url }) => /\/packages\/(.*)$/.exec(url)?.[1] ?? []);
}

const paths = new Set<string>();
/** Hears a token; begins and ends the count. */
function counter(): () => void {
  let heard = 0;
  return () => {
    heard++;
    if (heard === BEFORE) takeCounts();
    if (heard === BEFORE + COUNTED) for (const path of runningPaths(takeCounts())) paths.add(path);
  };
}

const model = await openModel('stories');
const maxTokens = BEFORE + COUNTED + 1;

// Engine and tiles.
const whole = new OneThreadWafer({ grid: '2x1', tokensPerStep: 64, contextTokens: 128 }, model);
const sampling = { ...SAMPLING_DEFAULTS, temperature: 0, seed: 1 };
const request = {
  ...checkExtras({}, model.spec.vocabCount),
  ...{ maxTokens, stopTokens: [], stop: [], sampling, endsAtContext: false },
  ...{ prompt: Int32Array.from(whole.model.special.ends), credit: Infinity },
};
const hearOne = counter();
let isSent = false;
await whole.run(
  {
    turnChance: 0,
    hasMore: () => !isSent,
    turn(send) {
      isSent = true;
      send({ kind: 'generate', id: 0, request });
    },
    hear: (events) => {
      for (const { kind } of events) if (kind === 'piece') hearOne();
    },
  },
  new Random(1),
);
whole.close();

// The caller's thread.
await using wafer = await Wafer.start({ model, grid: '2x1' });
const hearPiece = counter();
const options = { maxTokens, temperature: 0 };
for await (const _ of wafer.generate('Once upon a time', options)) hearPiece();

process.stdout.write(
  [...paths]
    .toSorted()
    .map((path) => `${path}\n`)
    .join(''),
);
