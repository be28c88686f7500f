/**
 * `wafer project`: how fast a model would be on machines we do not have, why, and how sure that is.
 * Sizes alone are needed: a name, or any config.json.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { Option } from 'commander';
import type { Command } from 'commander';
import {
  acceptedTokens,
  CAUSES,
  project,
  PROJECTED_MACHINES,
  shapeOfConfig,
  findModel,
  speculationRange,
  streamedSeconds,
  streamingBreakEven,
  speedRatio,
  waterfallBetween,
} from '@wafer/timing';
import type { ModelShape, ProjectedType, ProjectedWork, Projection } from '@wafer/timing';
import { Table } from '@wafer/bench/common';
import type { Column, Line } from '@wafer/bench/common';
import { append, tryWaferFacts } from '@wafer/core';
import { UsageError } from '../failures.ts';
import { besideLines } from '../described/project-beside.ts';
import { expertLines, projectPlaced } from '../described/project-experts.ts';
import type { ExpertFlags } from '../described/project-experts.ts';
import { likeLines, publishedLines } from '../described/project-likes.ts';
import { readCount } from '../option-values.ts';
import type { Terminal } from '../terminal.ts';
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
  acceptance: string;
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
  wafer project gpt-oss-120b --on wse3 --vs h100x8 --experts auto --routing skew:1`;

/** Sequences together, beside the one that speed is told of. */
const MANY = 64;
/** Time of drafting a token against one of the model: a model a twentieth of its size. */
const DRAFT_COST = 0.05;

export function addProject(program: Command, terminal: Terminal): void {
  const command = program
    .command('project')
    .summary('how fast a model would be on machines we do not have')
    .description('Residency first, then the time of a token by cause, with ranges. Nothing runs.')
    .argument('<model>', 'a model by name, or a config.json')
    .option('--on <machine>', `one of ${PROJECTED_MACHINES.join(', ')}, as wse3x4`, 'wse3')
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
    .option('--acceptance <p>', 'chance that a drafted token is kept', '0.75')
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

async function print(name: string, flags: ProjectFlags, terminal: Terminal): Promise<void> {
  const { type, context: contextTokens, prompt: promptTokens, batch } = flags;
  const sizes = { type, contextTokens, promptTokens, batch };
  const chunk = flags.chunk === undefined ? {} : { chunkTokens: flags.chunk };
  const work = { shape: await shapeOf(name), ...sizes, ...chunk };
  const names = [flags.on, ...flags.vs.split(',').filter((one) => one !== '')];
  const placed = await projectPlaced(work, names, flags);
  const { found, choices } = placed;
  const speculation = speculationOf(flags);
  if (flags.svg !== undefined) {
    const { projectPicture } = await import('@wafer/bench/project');
    const picture = projectPicture(name, found);
    if (picture === undefined) throw new UsageError('--svg draws from one machine to another');
    await writeFile(flags.svg, picture);
  }
  if (flags.html !== undefined) {
    const asked = `${type}, ${contextTokens} tokens before, batch ${batch}`;
    // A page loads twice as much as all the rest.
    const { projectPage } = await import('@wafer/bench/project');
    await writeFile(flags.html, projectPage({ model: name, work: asked, machines: found }));
  }
  if (flags.json) {
    const waterfalls = waterfallsOf(found);
    const multipliers = speculation && found.map((one) => multiplierOf(one, speculation));
    const streams = flags.stream ? streamOf(work) : undefined;
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
  const title =
    `${name}, ${type}, ${contextTokens} tokens before, batch ${batch} · nothing runs; ` +
    'hardware without speculation';
  const lines: Line[] = [title, '', residencyTable(found), '', speedTable(found), ''];
  append(lines, ratioLines(found));
  const many = { ...work, batch: MANY };
  const together = names.map((machine) => project(many, machine));
  append(lines, [...likeLines(found, together, MANY), ...publishedLines(name), '']);
  append(lines, [...expertLines(placed), ...besideLines(found, batch)]);
  lines.push('Microseconds of one token by cause; each has one owner, and they add up:');
  append(lines, [causeTable(found), '', ...trustLines(found)]);
  if (speculation) append(lines, ['', ...speculationLines(found, speculation)]);
  if (flags.stream) append(lines, ['', ...streamLines(work)]);
  return terminal.writeLines(lines);
}

async function shapeOf(name: string): Promise<ModelShape> {
  if (!name.endsWith('.json')) return findModel(name);
  return shapeOfConfig(JSON.parse(await readFile(name, 'utf8')) as unknown, name);
}

const right = (title: string): Column => ({ title, align: 'right' });

function residencyTable(found: readonly Projection[]): Table {
  return new Table(
    [
      { title: 'machine' },
      { title: 'the model is' },
      right('chips'),
      right('weights GB'),
      right('KV GB'),
      right('fullest chip GB'),
      right('has GB'),
      { title: '' },
    ],
    found.map(({ machine, residency }) => [
      machine,
      MODES[residency.mode],
      String(residency.chips),
      gigabytes(residency.weightBytes),
      gigabytes(residency.kvBytes),
      gigabytes(residency.fullestBytes),
      gigabytes(residency.chipBytes),
      residency.reason ?? '',
    ]),
  );
}

const MODES = {
  resident: 'resident',
  several: 'put on several',
  streamed: 'streamed',
  refused: 'refused',
} as const;

function speedTable(found: readonly Projection[]): Table {
  return new Table(
    [
      { title: 'machine' },
      right('tokens/s of one user'),
      right('range'),
      right('of all'),
      right('TTFT ms'),
      right('request ms'),
      right('J/token, nameplate'),
      right('tokens/s per kW'),
      right('per 1000 mm2'),
      right('memory bandwidth used'),
    ],
    found.flatMap(({ machine, time }) =>
      time === undefined
        ? []
        : [
            [
              machine,
              figure(time.tokensPerS),
              `${figure(1e6 / time.highUs)} to ${figure(1e6 / time.lowUs)}`,
              figure(time.throughputTokensPerS),
              ranged(time.ttftMs, time.ttftLowMs, time.ttftHighMs),
              figure(time.requestMs),
              figure(time.joulesPerToken),
              figure(time.tokensPerSPerKw),
              time.tokensPerSPerMm2 === undefined ? '-' : figure(1000 * time.tokensPerSPerMm2),
              time.memoryShare === undefined ? '-' : `${figure(100 * time.memoryShare)}%`,
            ],
          ],
    ),
  );
}

/** The first machine over the others, with what holds over the whole of both ranges. */
function ratioLines([first, ...others]: readonly Projection[]): Line[] {
  const timed = others.filter(({ time }) => time !== undefined);
  if (!first?.time || timed.length === 0) return [];
  const lines = timed.map(({ machine, time }) => {
    const { ratio, low, high } = speedRatio(first.time!, time!);
    const holds =
      low > 1
        ? 'faster over both ranges'
        : high < 1
          ? 'slower over both ranges'
          : 'which is faster is not known';
    return (
      `${first.machine} is ${figure(ratio)} times ${machine} for one user, ` +
      `${figure(low)} to ${figure(high)}: ${holds}`
    );
  });
  return lines;
}

function causeTable(found: readonly Projection[]): Table {
  const timed = found.filter(({ time }) => time !== undefined);
  const cell = (us: number, whole: number): string =>
    us === 0 ? '-' : `${us.toFixed(1)} (${((100 * us) / whole).toFixed(0)}%)`;
  return new Table(
    [{ title: 'cause' }, ...timed.map(({ machine }) => right(machine))],
    [
      ...CAUSES.map((cause) => [
        cause,
        ...timed.map(({ time }) => cell(time!.causes[cause], time!.tokenUs)),
      ]),
      ['a token', ...timed.map(({ time }) => time!.tokenUs.toFixed(1))],
    ],
  );
}

function trustLines(found: readonly Projection[]): Line[] {
  return found.flatMap(({ machine, time }) => {
    if (!time) return [];
    const other = time.otherReduce;
    const reduce =
      other === undefined
        ? []
        : [
            `  all-reduce: ${time.kernel}; with ${other.kernel} a token takes ` +
              `${other.tokenUs.toFixed(0)} us, ${figure(1e6 / other.tokenUs)} tokens/s`,
          ];
    const swings = time.swings.map(
      ({ figure: name, range, lowUs, highUs }) =>
        `  assumed: ${name}, ${range}: ${lowUs.toFixed(0)} to ${highUs.toFixed(0)} us`,
    );
    return [`${machine}: ${time.checked}`, ...reduce, ...swings];
  });
}

interface Drafting {
  readonly draftTokens: number;
  readonly acceptance: number;
  readonly draftCost: number;
}

function speculationOf({ draft, acceptance }: ProjectFlags): Drafting | undefined {
  if (draft === undefined) return undefined;
  const chance = Math.min(1, Math.max(0, Number(acceptance)));
  return { draftTokens: draft, acceptance: chance, draftCost: DRAFT_COST };
}

interface Multiplier {
  machine: string;
  /** Tokens a second over those without speculation, at the dearer price of a guess. */
  low: number;
  high: number;
}

function multiplierOf(one: Projection, speculation: Drafting): Multiplier {
  return { machine: one.machine, ...speculationRange(speculation, one) };
}

function speculationLines(found: readonly Projection[], speculation: Drafting): Line[] {
  const { draftTokens, acceptance } = speculation;
  const kept = acceptedTokens(speculation).toFixed(2);
  const times = found.flatMap((one) => {
    if (!one.time) return [];
    const { low, high } = speculationRange(speculation, one);
    const ends = low === high ? [low] : [low, high];
    return [`${one.machine} x${ends.map((times) => times.toFixed(2)).join(' to ')}`];
  });
  return [
    `Speculation apart: ${draftTokens} drafted, ${acceptance} kept each: ${kept} tokens a check, ` +
      `a draft token at ${DRAFT_COST} of a token: ${times.join(', ')}`,
  ];
}

interface Stream {
  readonly decodeMs: number;
  readonly prefillTokens: number;
  readonly trainingTokens: number;
}

function streamOf({ shape }: ProjectedWork): Stream {
  const wafer = tryWaferFacts('wse3')!;
  return {
    decodeMs: streamedSeconds({ shape, wafer, tokens: 1 }).wholeS * 1e3,
    prefillTokens: streamingBreakEven({ shape, wafer }),
    trainingTokens: streamingBreakEven({ shape, wafer }, 'training'),
  };
}

function streamLines(work: ProjectedWork): Line[] {
  const { decodeMs, prefillTokens, trainingTokens } = streamOf(work);
  return [
    `Streamed to one wse3 at 150 GB/s: one token of one user waits ${decodeMs.toFixed(0)} ms for ` +
      `its weights; a prompt hides the stream from ${prefillTokens} tokens on, training from ` +
      `${trainingTokens} tokens a step (coarse: 23 % of the peak).`,
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

/** A number with its bar. */
function ranged(value: number, low: number, high: number): string {
  return Number.isNaN(value) ? '-' : `${figure(value)} (${figure(low)} to ${figure(high)})`;
}

function gigabytes(bytes: number): string {
  return (bytes / 1e9).toFixed(bytes < 10e9 ? 2 : 1);
}

function figure(value: number): string {
  if (Number.isNaN(value)) return '-';
  return value >= 1000 ? value.toFixed(0) : String(Number(value.toPrecision(3)));
}
