/**
 * What holding answers to schemas costs: making the program of a schema, and a mask per token.
 *
 *     schema ─ compile ─▶ program       instance ─ tokens ─▶ mask, is it in?, accept, mask …
 *
 * Each schema begins with empty tables, as a first request does, in every round anew. Clock:
 * processor time of this thread; of each token and schema the best of the rounds counts. So what a
 * busy machine adds is left out, and so are pauses that do not come in every round.
 */
import { plural, WaferError } from '@wafer/core';
import { compileFormat, formatSource, GrammarReader, GrammarTables } from '@wafer/text';
import { quantileOf } from '../statistics.ts';
import type { GrammarCase } from './grammar-case.ts';
import type { BenchVocabulary } from './vocabulary.ts';

/** Microseconds, at quantiles of all. */
export interface Times {
  count: number;
  p50: number;
  p90: number;
  p99: number;
  worst: number;
}

export interface GrammarResults {
  vocabulary: { name: string; count: number };
  schemaCount: number;
  /** All instances judged rightly. */
  passedCount: number;
  /** Schemas that are not taken, by code. */
  refused: Record<string, number>;
  /** Names of schemas of which a valid instance is blocked, or an invalid one let through. */
  blocked: string[];
  letThrough: string[];
  tokenCount: number;
  rounds: number;
  compileUs: Times | undefined;
  maskUs: Times | undefined;
}

/** Measures all cases in some rounds. Throws: the signal's reason. */
export function runGrammar(
  cases: readonly GrammarCase[],
  vocabulary: BenchVocabulary,
  use: {
    rounds: number;
    signal: AbortSignal;
    /** Told how many schemas of all rounds are done. */
    onProgress?: (done: number, total: number) => void;
  },
): GrammarResults {
  const { rounds, signal, onProgress } = use;
  let done = 0;
  const compile = new Stopwatch();
  const mask = new Stopwatch();
  let judged = newJudgment();
  for (let round = 0; round < rounds; round++) {
    judged = newJudgment();
    for (const watch of [compile, mask]) watch.rewind();
    for (const each of cases) {
      signal.throwIfAborted();
      measure(each, { vocabulary, compile, mask, judged });
      onProgress?.(++done, rounds * cases.length);
    }
  }
  return {
    vocabulary: { name: vocabulary.name, count: vocabulary.trie.vocabCount },
    ...{ schemaCount: cases.length, ...judged, rounds },
    ...{ compileUs: timesOf(compile.bestUs), maskUs: timesOf(mask.bestUs) },
  };
}

type Judgment = Pick<
  GrammarResults,
  'passedCount' | 'refused' | 'blocked' | 'letThrough' | 'tokenCount'
>;

function newJudgment(): Judgment {
  return { passedCount: 0, refused: {}, blocked: [], letThrough: [], tokenCount: 0 };
}

interface Measuring {
  vocabulary: BenchVocabulary;
  compile: Stopwatch;
  mask: Stopwatch;
  judged: Judgment;
}

function measure(each: GrammarCase, use: Measuring): void {
  const { vocabulary, compile, judged } = use;
  try {
    const source = formatSource({ json: each.schema });
    compile.begin();
    const program = compileFormat(source);
    compile.end();
    judge(each, { ...use, tables: new GrammarTables(program, vocabulary) });
  } catch (error) {
    if (!(error instanceof WaferError)) throw error;
    judged.refused[error.code] = (judged.refused[error.code] ?? 0) + 1;
  }
}

interface Use extends Measuring {
  tables: GrammarTables;
}

function judge({ name, instances }: GrammarCase, use: Use): void {
  const { judged } = use;
  const wrong = { blocked: 0, letThrough: 0 };
  for (const { isValid, value } of instances) {
    const isTaken = reads(value, use);
    if (isValid && !isTaken) wrong.blocked++;
    if (!isValid && isTaken) wrong.letThrough++;
  }
  if (wrong.blocked > 0) judged.blocked.push(name);
  if (wrong.letThrough > 0) judged.letThrough.push(name);
  if (wrong.blocked + wrong.letThrough === 0) judged.passedCount++;
}

/** Whether the masks let an instance through, token by token. */
function reads(value: unknown, { tables, vocabulary, mask, judged }: Use): boolean {
  const reader = new GrammarReader(tables, []);
  for (const token of vocabulary.encode(spacedJson(value))) {
    mask.begin();
    const words = reader.mask();
    const isIn = ((words[token >>> 5]! >>> (token & 31)) & 1) === 1;
    if (isIn) reader.accept(token);
    mask.end();
    judged.tokenCount++;
    if (!isIn) return false;
  }
  return reader.isComplete;
}

/** JSON with a space behind each comma and colon, as models write it. */
function spacedJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(spacedJson).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).map(
    ([key, member]) => `${JSON.stringify(key)}: ${spacedJson(member)}`,
  );
  return `{${members.join(', ')}}`;
}

/** Times of the same things in the same order, round by round: the best of each. */
class Stopwatch {
  readonly bestUs: number[] = [];
  #at = 0;
  #beganUs = 0;

  rewind(): void {
    this.#at = 0;
  }

  begin(): void {
    this.#beganUs = threadUs();
  }

  end(): void {
    const us = threadUs() - this.#beganUs;
    const before = this.bestUs[this.#at] ?? Infinity;
    this.bestUs[this.#at++] = Math.min(us, before);
  }
}

/** Processor time of this thread. Linux brings its count up to now when the process's is read. */
function threadUs(): number {
  process.cpuUsage();
  const { user, system } = process.threadCpuUsage();
  return user + system;
}

function timesOf(us: readonly number[]): Times | undefined {
  if (us.length === 0) return undefined;
  const at = (share: number): number => quantileOf(us, share);
  return { count: us.length, p50: at(0.5), p90: at(0.9), p99: at(0.99), worst: at(1) };
}

/** Lines for people. */
export function grammarLines(results: GrammarResults): string[] {
  const { vocabulary, schemaCount, passedCount, refused, blocked, letThrough } = results;
  const codes = Object.entries(refused).map(([code, count]) => `${count} ${code}`);
  return [
    `${plural(schemaCount, 'schema')}, ${plural(results.tokenCount, 'token')}; ` +
      `vocabulary ${vocabulary.name}, V = ${vocabulary.count}`,
    `passed ${passedCount}; refused ${codes.length === 0 ? 'none' : codes.join(', ')}; ` +
      `valid ones blocked in ${blocked.length}; invalid ones let through in ${letThrough.length}`,
    timeLine('mask and accept, per token', results.maskUs, BARS.mask),
    timeLine('compile, per schema', results.compileUs, BARS.compile),
    `processor time of the thread, the best of ${plural(results.rounds, 'round')} of each`,
  ];
}

const BARS = { mask: 'bars: p50 50, p99 600', compile: 'bar: p99 50,000' };

function timeLine(what: string, times: Times | undefined, bar: string): string {
  if (times === undefined) return `${what}: nothing was measured`;
  const { p50, p90, p99, worst } = times;
  const [half, most, nearly, all] = [p50, p90, p99, worst].map((us) => us.toFixed(us < 10 ? 1 : 0));
  return `${what}: p50 ${half}, p90 ${most}, p99 ${nearly}, worst ${all} µs (${bar})`;
}
