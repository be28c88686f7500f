/**
 * `wafer project`: how fast a model would be on machines we do not have, why, and how sure that is.
 * Sizes alone are needed: a name, or any config.json.
 */
import { readFile } from 'node:fs/promises';
import { Option } from 'commander';
import type { Command } from 'commander';
import {
  PROJECTED_MACHINES,
  shapeOfConfig,
  findModel,
  inType,
  readMachineName,
  streamedSeconds,
  streamingBreakEven,
  waterfallBetween,
  waferName,
  weightBytes,
} from '@wafer/timing';
import type { ModelShape, ProjectedType, ProjectedWork, Projection } from '@wafer/timing';
import { linesOf } from '@wafer/bench/common';
import type { Line } from '@wafer/bench/common';
import { atClock, parseJsonObject, tryWaferFacts, WAFER_CLOCKS_HZ, WaferError } from '@wafer/core';
import { UsageError } from '../failures/failures.ts';
import { besideLines } from '../described/project-beside.ts';
import { expertLines, projectPlaced } from '../described/project-experts.ts';
import type { ExpertFlags } from '../described/project-experts.ts';
import { likeLines, manyLines, publishedLines, widerLines } from '../described/project-likes.ts';
import {
  causeLines,
  costTable,
  placeLines,
  ratioLines,
  residencyTable,
  speedTable,
  trustLines,
} from '../described/project-screen.ts';
import {
  multipliersOf,
  speculationLines,
  speculationOf,
} from '../described/project-speculation.ts';
import { pageWords } from '../described/project-words.ts';
import { rough } from '../described/project-figures.ts';
import { workLines } from '../described/project-work.ts';
import { readCount, readChance } from '../flags/option-values.ts';
import { checkWritable, writeOutput } from '../run-files.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { addProjectSweep } from './project-sweep.ts';

interface ProjectFlags extends ExpertFlags {
  on: string;
  vs: string;
  type: ProjectedType;
  context: number;
  prompt: number;
  batch: number;
  chunk?: number;
  draft?: number;
  acceptance: number;
  stream?: true;
  html?: string;
  svg?: string;
  json?: true;
}

const EXAMPLES = `
Examples:
  wafer project llama-3.1-70b --on wse3
  wafer project llama-4-scout --on wse3 --vs h100x8,b200x8,groq --type fp8
  wafer project ./config.json --on wse3x4 --context 8192 --batch 32 --json
  wafer project llama-3.1-70b --on wse3 --draft 4 --acceptance 0.8
  wafer project llama-3.1-70b --on wse3 --vs h100x16p2        # two stages of eight
  wafer project llama-3.1-70b --on wse3 --vs wse3@power-capped # another clock
  wafer project gpt-oss-120b --on wse3 --vs h100x8 --experts auto --routing skew:1`;

const CLOCKS = Object.keys(WAFER_CLOCKS_HZ);
/** What a page of text is wide, where no terminal says less. */
const PAGE_COLUMNS = 100;
/** Sequences together, beside those that speed is told of. */
const MANY = [64, 512];

export function addProject(program: Command, terminal: Terminal): void {
  const command = program
    .command('project')
    .summary('how fast a model would be on machines we do not have')
    .description('Residency first, then the time of a token by cause, with ranges. Nothing runs.')
    .argument('<model>', 'a model by name, or a config.json')
    .option(
      '--on <machine>',
      `one of ${PROJECTED_MACHINES.join(', ')}, as wse3x4; wafers at a clock of ` +
        `${CLOCKS.join(', ')}, as wse3@examples`,
      'wse3',
    )
    .option('--vs <machines>', 'others beside it, as h100x8,b200x8', 'h100x8')
    .addOption(
      new Option('--type <type>', 'of weights')
        .choices(['bf16', 'fp8', 'fp4', 'int8'])
        .default('bf16'),
    )
    .option('--context <n>', 'positions before the token', readCount, 1024)
    .option('--prompt <n>', 'tokens of the prompt, and of the answer to it', readCount, 1024)
    .option('--batch <n>', 'sequences', readCount, 1)
    .option(
      '--chunk <n>',
      'tokens of a prompt that each step fills beside the sequences',
      readCount,
    )
    .option('--draft <n>', 'tokens that speculation drafts: a multiplier apart', readCount)
    .option('--acceptance <p>', 'chance that a drafted token is kept', readChance, 0.75)
    .option('--experts <placement>', 'auto, rows, whole, mixed4, apart25, with copies as whole+1')
    .option('--routing <how>', 'even, skew:1.2, or a profile that a run wrote')
    .option('--stream', 'what streaming the weights to a wafer would take')
    .option('--html <file>', 'write a page that needs nothing else')
    .option('--svg <file>', 'write the waterfall as a picture that stands alone')
    .option('--json', 'print one JSON object')
    .addHelpText('after', EXAMPLES)
    .action((model: string, flags: ProjectFlags) => print(model, flags, terminal));
  addProjectSweep(command, terminal);
}

async function print(asked: string, flags: ProjectFlags, terminal: Terminal): Promise<void> {
  const { type, context: contextTokens, prompt: promptTokens, batch } = flags;
  for (const path of [flags.svg, flags.html]) if (path !== undefined) checkWritable(path);
  const sizes = { type, contextTokens, promptTokens, batch };
  const chunk = flags.chunk === undefined ? {} : { chunkTokens: flags.chunk };
  const draft = flags.draft === undefined ? {} : { draftTokens: flags.draft };
  const shape = await shapeOf(asked);
  const { name } = shape;
  const work = { shape, ...sizes, ...chunk, ...draft };
  const names = [flags.on, ...flags.vs.split(',').filter((one) => one !== '')];
  const placed = await projectPlaced(work, names, flags);
  const { found, choices } = placed;
  const speculation = speculationOf(flags.draft, flags.acceptance);
  if (flags.svg !== undefined) {
    const { projectPicture } = await import('@wafer/bench/project');
    const picture = projectPicture(name, found);
    if (picture === undefined) throw new UsageError('--svg draws from one machine to another');
    writeOutput(flags.svg, picture);
  }
  if (flags.html !== undefined) {
    // A page loads twice as much as all the rest.
    const { projectPage } = await import('@wafer/bench/project');
    const many = manyLines(work, names, MANY);
    const told = pageWords(name, work, { found, many, speculation });
    const lines = workLines(name, work, found);
    writeOutput(
      flags.html,
      projectPage({ model: name, work: lines, machines: found, batch, told }),
    );
  }
  if (flags.json) {
    const waterfalls = waterfallsOf(found);
    const multipliers = speculation && multipliersOf(found, speculation);
    const streams = flags.stream ? streamOf(work, flags.on) : undefined;
    const header = { model: name, work: sizes };
    return terminal.writeJson({
      ...header,
      tokensComputed: false,
      machines: found,
      waterfalls,
      ...(multipliers ? { speculation: { ...speculation, multipliers } } : {}),
      ...(streams ? { streams } : {}),
      ...(choices.length > 0 ? { experts: choices } : {}),
    });
  }
  const parts: Line[][] = [
    workLines(name, work, found),
    placeLines(found, batch),
    [residencyTable(found)],
    [...speedTable(found, batch), ...widerLines(work, found)],
    ratioLines(found, batch),
    publishedLines(name, work, found),
    [...costTable(found), ...likeLines(found, batch), ...manyLines(work, names, MANY)],
    expertLines(placed),
    besideLines(found, batch),
    causeLines(found),
    trustLines(found),
    speculation ? speculationLines(found, speculation) : [],
    flags.stream ? streamLines(work, flags.on) : [],
  ];
  const told = parts.filter(({ length }) => length > 0);
  const lines = told.flatMap((part, i) => (i > 0 ? ['', ...part] : part));
  return terminal.writeLines(linesOf(lines, Math.min(PAGE_COLUMNS, terminal.width)));
}

async function shapeOf(path: string): Promise<ModelShape> {
  if (!path.endsWith('.json')) return findModel(path);
  const expected = 'a JSON object';
  const fail = (value: string): WaferError =>
    new WaferError('CONFIG_INVALID', { path, field: 'the file', value, expected });
  return shapeOfConfig(parseJsonObject(await readFile(path, 'utf8'), fail), path);
}

interface Stream {
  /** One wafer, at the clock of the first machine. */
  readonly machine: string;
  /** Of the weights that one token meets, in their types. */
  readonly bytes: number;
  readonly decodeMs: number;
  readonly prefillTokens: number;
  readonly trainingTokens: number;
}

function streamOf(work: ProjectedWork, on: string): Stream {
  const facts = tryWaferFacts('wse3')!;
  const { clock } = readMachineName(on);
  const wafer = clock === undefined ? facts : atClock(facts, clock);
  const shape = inType(work.shape, work.type);
  return {
    machine: waferName({ chip: facts.name, ...(clock === undefined ? {} : { clock }) }),
    bytes: weightBytes(shape, 'met'),
    decodeMs: streamedSeconds({ shape, wafer, tokens: 1 }).wholeS * 1e3,
    prefillTokens: streamingBreakEven({ shape, wafer }),
    trainingTokens: streamingBreakEven({ shape, wafer }, 'training'),
  };
}

function streamLines(work: ProjectedWork, on: string): Line[] {
  const { machine, bytes, decodeMs, prefillTokens, trainingTokens } = streamOf(work, on);
  const between = (tokens: number): string => `${tokens / 2} to ${tokens}`;
  return [
    `Streamed to one ${machine} at 150 GB/s: one token of one user waits ` +
      `${rough(decodeMs)} ms for ${rough(bytes / 1e9)} GB of weights in ${work.type}; ` +
      `a prompt hides the stream from ${between(prefillTokens)} tokens on, ` +
      `training from ${between(trainingTokens)} tokens a step ` +
      '(23 % of the half-precision peak, as published prefill reaches; checked nowhere).',
  ];
}

interface MachineWaterfall {
  from: string;
  to: string;
  /** What each cause adds to the time of a token, or takes. */
  steps: ReturnType<typeof waterfallBetween>;
}

function waterfallsOf(found: readonly Projection[]): MachineWaterfall[] {
  const [first, ...others] = found;
  const from = first?.time;
  if (!from) return [];
  return others.flatMap(({ machine, time }) =>
    time ? [{ from: first.machine, to: machine, steps: waterfallBetween(from, time) }] : [],
  );
}
