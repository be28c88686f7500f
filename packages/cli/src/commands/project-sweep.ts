/**
 * `wafer project sweep`: machines x models x types x contexts x batches on all cores, and the
 * points that no other beats in the speed of one user and in tokens of all per kilowatt.
 */
import { availableParallelism } from 'node:os';
import { Option } from 'commander';
import type { Command } from 'commander';
import { MODELS, paretoFront, sweepPoints } from '@wafer/timing';
import type { ProjectedType, SweepPoint, SweepRow } from '@wafer/timing';
import { Table } from '@wafer/bench/common';
import type { Line } from '@wafer/bench/common';
import { append, plural, WaferError } from '@wafer/core';
import { readCount, readWhole } from '../flags/option-values.ts';
import { ProgressLine } from '../terminal/progress.ts';
import { appendRows, openSweepFile } from '../project-sweep/sweep-file.ts';
import { projectChunk } from '../project-sweep/worker.ts';
import type { Terminal } from '../terminal/terminal.ts';

interface SweepFlags {
  models: string;
  machines: string;
  types: string;
  contexts: string;
  batches: string;
  chunks: string;
  out?: string;
  threads: number;
  json?: true;
}

const EXAMPLES = `
Examples:
  wafer project sweep --models llama-3.1-70b,gpt-oss-120b --batches 1,16,256
  wafer project sweep --out sweep.csv          # cut off? the same line goes on`;

const MACHINES = 'wse3,a100x8,h100x1,h100x2,h100x4,h100x8,h200x8,b200x8,gb200x4,groq';
const TYPES = ['bf16', 'fp8', 'fp4', 'int8'] as const;
/** Points of a message to a thread, and points from which on threads pay for their start. */
const CHUNK = 256;
const THREADS_PAY = 8 * CHUNK;

export function addProjectSweep(project: Command, terminal: Terminal): void {
  project
    .command('sweep')
    .summary('many projections on all cores, and which of them none beats')
    .description('Projects every combination. Nothing runs; rows go to a file if one is named.')
    .option('--models <names>', 'by name, or all', 'all')
    .option('--machines <names>', 'with their numbers of chips', MACHINES)
    .option('--types <types>', `of weights: ${TYPES.join(', ')}`, 'bf16')
    .option('--contexts <n,n>', 'positions before the token, and tokens of the prompt', '1024')
    .option('--batches <n,n>', 'sequences', '1,4,16,64,256')
    .option('--chunks <n,n>', 'tokens of a prompt beside the sequences in each step; 0: none', '0')
    .option('--out <file>', 'CSV of all rows; goes on where the file ends')
    .addOption(
      new Option('--threads <n>', 'to project on')
        .argParser(readCount)
        .default(availableParallelism(), 'all cores'),
    )
    .option('--json', 'print one JSON object')
    .addHelpText('after', EXAMPLES)
    .action((flags: SweepFlags, command: Command) =>
      // The parent has --json too and takes it first.
      sweep({ ...flags, ...command.optsWithGlobals<SweepFlags>() }, terminal),
    );
}

function pointsOf(flags: SweepFlags): SweepPoint[] {
  const words = (text: string): string[] => text.split(',').filter((word) => word !== '');
  const models = flags.models === 'all' ? MODELS.map(({ name }) => name) : words(flags.models);
  const types = words(flags.types).map((word) => readType(word));
  const [contexts, batches] = [flags.contexts, flags.batches].map((text) =>
    words(text).map((word) => readCount(word)),
  );
  const machines = words(flags.machines);
  const chunks = words(flags.chunks).map((word) => readWhole(word));
  const sizes = { contexts: contexts!, batches: batches!, chunks };
  return sweepPoints({ models, machines, types, ...sizes });
}

function readType(word: string): ProjectedType {
  const type = TYPES.find((one) => one === word);
  if (type) return type;
  const expected = TYPES.join(', ');
  throw new WaferError('PLAN_OPTION', { option: 'types', value: word, expected });
}

async function sweep(flags: SweepFlags, terminal: Terminal): Promise<void> {
  const points = pointsOf(flags);
  const known = flags.out === undefined ? [] : await openSweepFile(flags.out, points);
  const rest = points.slice(known.length);
  const progress = new ProgressLine(terminal, 'projecting', () => performance.now());
  const rows = [...known];
  for await (const chunk of chunksOf(rest, flags.threads)) {
    append(rows, chunk);
    if (flags.out !== undefined) await appendRows(flags.out, chunk);
    progress.reportCount(rows.length, points.length, 'point');
  }
  progress.close();
  const front = paretoFront(rows);
  const refused = rows.filter((row) => row.refused !== undefined).length;
  if (flags.json) {
    const counts = { points: rows.length, resumed: known.length, refused };
    return terminal.writeJson({ tokensComputed: false, ...counts, front, rows });
  }
  const resumed = known.length === 0 ? '' : `, ${known.length} of them from ${flags.out}`;
  const lines: Line[] = [
    `${plural(rows.length, 'point')}${resumed}, ${refused} refused · nothing runs; no speculation`,
    '',
    'Not beaten in both, speed of one user and tokens of all per kilowatt (nameplate):',
    frontTable(front),
  ];
  return terminal.writeLines(lines);
}

/** Rows of chunks in order; on this thread where others would take longer to start. */
async function* chunksOf(
  points: readonly SweepPoint[],
  threads: number,
): AsyncGenerator<SweepRow[]> {
  const chunks = Array.from({ length: Math.ceil(points.length / CHUNK) }, (_, i) =>
    points.slice(i * CHUNK, (i + 1) * CHUNK),
  );
  if (threads < 2 || points.length < THREADS_PAY) {
    for (const chunk of chunks) yield projectChunk(chunk);
    return;
  }
  // Loaded where it is used: `wafer project` should not wait for it.
  const { Piscina } = await import('piscina');
  const pool = new Piscina({ filename: workerFile(), maxThreads: threads, minThreads: threads });
  try {
    const running = chunks.map((chunk): Promise<SweepRow[]> => {
      const task = pool.run(chunk, { name: 'projectChunk' }) as Promise<SweepRow[]>;
      task.catch(() => undefined); // told to whoever waits for its turn
      return task;
    });
    for (const task of running) yield await task;
  } finally {
    await pool.destroy();
  }
}

function workerFile(): string {
  const ending = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  return new URL(`../project-sweep/worker.${ending}`, import.meta.url).href;
}

function frontTable(front: readonly SweepRow[]): Table {
  const right = (title: string): { title: string; align: 'right' } => ({ title, align: 'right' });
  return new Table(
    [
      { title: 'model' },
      { title: 'machine' },
      { title: 'type' },
      right('context'),
      right('batch'),
      right('chips'),
      right('tokens/s of one user'),
      right('range'),
      right('of all'),
      right('J/token'),
    ],
    front.map((row) => [
      row.model,
      row.machine,
      row.type,
      String(row.context),
      String(row.batch),
      String(row.chips),
      figure(row.tokensPerS!),
      `${figure(row.lowTokensPerS!)} to ${figure(row.highTokensPerS!)}`,
      figure(row.throughputTokensPerS!),
      figure(row.joulesPerToken!),
    ]),
    { keyCount: 5 },
  );
}

function figure(value: number): string {
  return value >= 1000 ? value.toFixed(0) : String(Number(value.toPrecision(3)));
}
