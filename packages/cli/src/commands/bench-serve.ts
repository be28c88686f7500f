/**
 * `wafer bench serve`: what users of a server wait for, and what it does under too much load.
 *
 * Without --url it starts `wafer serve` for a model, in a process of its own. Requests come from a
 * trace or by chance, at shares of what the server can do; latency counts from when a request was
 * meant to leave, so that no queue is hidden.
 */
import { readFileSync } from 'node:fs';
import { availableParallelism, devNull } from 'node:os';
import type { Command } from 'commander';
import {
  createRunFolder,
  MEASURED_LINKS,
  openLlamaServer,
  openTarget,
  OWN_TRACES,
  overheadLines,
  parseTrace,
  poissonRequests,
  requestsCsv,
  runId,
  runOverhead,
  runServe,
  runUseCases,
  scaleTrace,
  serveLines,
  SERVE_LIMITS_DEFAULT,
  servePage,
  servePicture,
  tracePath,
  USE_SIZES,
  USE_SIZES_QUICK,
  useLines,
} from '@wafer/bench';
import type { PlannedRequest, ServeResults, MeasuredServer } from '@wafer/bench';
import type { Wafer } from '@wafer/runtime';
import { startServer, withPlainTemplate } from '@wafer/server';
import type { ServedModelSpec } from '@wafer/server';
import { plural, reasonOf } from '@wafer/core';
import { LINK_KINDS } from '@wafer/runtime/internal';
import { makeFolder } from '@wafer/models';
import { UsageError } from '../failures/failures.ts';
import { openNamedModel } from '../models/named-model.ts';
import {
  readCount,
  readCounts,
  readLoads,
  readNumber,
  readPositive,
} from '../flags/option-values.ts';
import { startOwnServer } from '../own-server.ts';
import { packageVersion } from '../package-version.ts';
import { checkWritable, writeOutput } from '../run-files.ts';
import { serverLog } from '../server-log.ts';
import { startWafer } from '../terminal/session.ts';
import { isShrunk } from '../shrunk.ts';
import { watchSignals } from '../failures/signals.ts';
import type { Terminal } from '../terminal/terminal.ts';

export interface ServeBenchFlags {
  url?: string;
  keyFile?: string;
  served?: string;
  trace?: string;
  poisson?: true;
  chat?: true;
  requests?: number;
  seconds?: number;
  longest?: number;
  promptTokens?: number;
  tokens?: number;
  load?: number[];
  rate?: number;
  workers?: number;
  waitMs?: number;
  sloTtft?: number;
  sloToken?: number;
  peer?: true;
  peerThreads?: number;
  useCases?: true;
  overhead?: true;
  batch?: number[];
  rounds?: number;
  chips?: number;
  link?: string;
  cache: string;
  out: string;
  quick?: true;
  svg?: string;
  json?: true;
}

const MODEL_DEFAULT = 'synthetic:15m:q8_0';
const MODEL_QUICK = 'stories';
/** Of --overhead: what a turn lasts at least. Shorter ones swing by what else the host does. */
const TURN_MS = 1000;
const SEED = 1;

const EXAMPLES = `
Examples:
  wafer bench serve
  wafer bench serve ./model.gguf --load 0.7,1,3,10 --peer
  wafer bench serve stories --trace azure-chat --requests 400 --load 0.7
  wafer bench serve --url http://127.0.0.1:8000/v1 --rate 5 --chat
  wafer bench serve synthetic:110m:q8_0 --overhead
  wafer bench serve synthetic:15m:q8_0 --use-cases --chips 2 --link unix

Traces: ${OWN_TRACES.join(', ')}, which come along; or a file, as Azure's CSV (TIMESTAMP,
ContextTokens,GeneratedTokens) or Mooncake's JSONL (timestamp, input_length, output_length,
hash_ids). Goodput counts, unless told otherwise, what has its first
token in ${SERVE_LIMITS_DEFAULT.ttftMs} ms and then ${SERVE_LIMITS_DEFAULT.tokenMs} ms per token.`;

export function addBenchServe(bench: Command, terminal: Terminal): void {
  bench
    .command('serve')
    .summary('what users of a server wait for, under load')
    .description('Replays a trace, or chance, against a server: latencies, goodput, refusals.')
    .argument('[model]', `served by a process of ours (default: ${MODEL_DEFAULT})`)
    .option('--url <url>', 'a server that runs already, with or without /v1')
    .option('--key-file <file>', 'the key that it asks for')
    .option('--served <name>', 'what the model is called there (default: the first it lists)')
    .option('--trace <file>', `lengths and times of requests: a file, or ${OWN_TRACES.join(', ')}`)
    .option('--poisson', 'requests by chance (default without --trace)')
    .option('--chat', 'ask for chat completions')
    .option('--requests <n>', 'of a run (default: 100)', readCount)
    .option('--seconds <n>', 'of a load: the requests over and over (default: once)', readPositive)
    .option('--longest <n>', 'tokens of the longest request of a trace (default: 256)', readCount)
    .option('--prompt-tokens <n>', 'of a prompt by chance, on average (default: 32)', readCount)
    .option('--tokens <n>', 'of an answer by chance, on average (default: 32)', readCount)
    .option('--load <list>', 'shares of its capacity (default: 0.7)', readLoads)
    .option('--rate <n>', 'requests per second, instead of a share', readPositive)
    .option('--workers <n>', 'at once when capacity is measured (default: 32)', readCount)
    .option('--wait-ms <n>', 'header queue_threshold: refuse what would wait longer', readCount)
    .option('--slo-ttft <ms>', 'limit of the time to the first token', readNumber)
    .option('--slo-token <ms>', 'limit of the time per token', readNumber)
    .option('--peer', 'then a server over node-llama-cpp on the same file')
    .option('--overhead', 'only the server beside the embedding interface, in turns')
    .option('--peer-threads <n>', 'of the peer (default: one per core)', readCount)
    .option('--use-cases', 'only five uses, on a wafer and on the same wafer cut, in turns')
    .option('--batch <list>', 'answers at once, of --overhead (default: 1,32)', readCounts)
    .option('--rounds <n>', 'of --overhead and --use-cases (default: 5)', readCount)
    .option('--chips <n>', 'cut the wafer that is started into so many chips', readCount)
    .option('--link <kind>', `between these chips: ${LINK_KINDS.join(', ')}`)
    .option('--cache <folder>', 'where models and peers are kept', '.cache')
    .option('--out <folder>', 'where the folder of the run is made', 'runs')
    .option('--svg <file>', 'write the picture there, too')
    .option('--quick', 'tiny model and sizes: shows that it works, not how fast')
    .option('--json', 'print one JSON object')
    .addHelpText('after', EXAMPLES)
    .action((model: string | undefined, flags: ServeBenchFlags) => run(model, flags, terminal));
}

async function run(
  named: string | undefined,
  given: ServeBenchFlags,
  terminal: Terminal,
): Promise<void> {
  using watch = watchSignals();
  const { signal } = watch;
  const flags = isShrunk() ? shrink(given) : given.quick ? { ...SIZES_QUICK, ...given } : given;
  const model = (isShrunk() ? undefined : named) ?? (flags.quick ? MODEL_QUICK : MODEL_DEFAULT);
  if (flags.url !== undefined && (named !== undefined || flags.peer)) {
    throw new UsageError('--url measures a server that runs: leave the model and --peer out');
  }
  if (flags.url !== undefined && flags.useCases) {
    throw new UsageError('--use-cases starts both servers: leave --url out');
  }
  if (flags.overhead && (flags.url ?? flags.chips) !== undefined) {
    throw new UsageError(
      '--overhead compares with a wafer of its own: leave --url and --chips out',
    );
  }
  if (flags.svg !== undefined) checkWritable(flags.svg);
  const requests = requestsOf(flags);
  // Before a server is started that nothing could be kept of.
  if (!flags.useCases && !flags.overhead) makeFolder(flags.out);
  await using resources = new AsyncDisposableStack();
  const say = (text: string): void => terminal.say(`wafer: ${text}`);
  const use = { flags, signal, resources };
  if (flags.overhead) return await overhead(model, { ...use, terminal, say });
  const main = await mainTarget(model, flags.useCases ? { ...use, flags: whole(flags) } : use);
  if (flags.useCases) return await useCases(model, main.target, { ...use, terminal, say });
  const peers = flags.peer ? [await peerTarget(model, use)] : [];
  using folder = createRunFolder(flags.out, runId(new Date(), flags));
  const results = await runServe({
    targets: [main, ...peers],
    requests,
    workload: workloadName(flags),
    seconds: flags.seconds,
    loads: flags.load ?? [0.7],
    requestsPerSecond: flags.rate,
    workers: flags.workers ?? 32,
    limits: {
      ttftMs: flags.sloTtft ?? SERVE_LIMITS_DEFAULT.ttftMs,
      tokenMs: flags.sloToken ?? SERVE_LIMITS_DEFAULT.tokenMs,
    },
    signal,
    say,
  });
  folder.write('requests.csv', requestsCsv(results));
  folder.write('serve.html', servePage(results));
  const picture = servePicture(results);
  folder.write('serve.svg', picture);
  if (flags.svg !== undefined) writeOutput(flags.svg, picture);
  folder.write('meta.json', `${JSON.stringify(withoutRecords(results), undefined, 2)}\n`);
  if (flags.json) await terminal.writeJson(withoutRecords(results));
  else await terminal.writeLines([...serveLines(results), `Report: ${folder.path}/serve.html`]);
  folder.keep();
}

/** The same, with a wafer that is not cut. */
function whole({ chips: _, link: __, ...flags }: ServeBenchFlags): ServeBenchFlags {
  return flags;
}

interface Use {
  flags: ServeBenchFlags;
  signal: AbortSignal;
  resources: AsyncDisposableStack;
}

interface Saying {
  terminal: Terminal;
  say: (text: string) => void;
}

/** Of `--quick`, where nothing else is asked for. */
const SIZES_QUICK = {
  ...{ requests: 8, tokens: 8, promptTokens: 8, workers: 4, batch: [1, 2], rounds: 2 },
  load: [0.7],
};

/** A tiny run, whatever else was asked for. */
function shrink({
  out,
  cache,
  json,
  url,
  overhead: isOverhead,
  chips,
  link,
  useCases: isUses,
  trace,
}: ServeBenchFlags): ServeBenchFlags {
  return {
    ...{ out, cache, ...SIZES_QUICK, quick: true },
    ...(trace === undefined ? {} : { trace }),
    ...(json === undefined ? {} : { json }),
    ...(url === undefined ? {} : { url }),
    ...(isOverhead === undefined ? {} : { overhead: isOverhead }),
    ...(chips === undefined ? {} : { chips }),
    ...(link === undefined ? {} : { link }),
    ...(isUses === undefined ? {} : { useCases: isUses }),
  };
}

function requestsOf(flags: ServeBenchFlags): PlannedRequest[] {
  const { trace, requests: count = 100, longest = 256, promptTokens = 32, tokens = 32 } = flags;
  if (trace !== undefined && flags.poisson) throw new UsageError('give --trace or --poisson');
  if (trace === undefined) {
    return poissonRequests({ count, promptTokens, outputTokens: tokens, seed: SEED });
  }
  let text: string;
  try {
    text = readFileSync(tracePath(trace), 'utf8');
  } catch (error) {
    throw new UsageError(`--trace ${trace}: ${reasonOf(error)}`, { cause: error });
  }
  return scaleTrace(parseTrace(text, trace), { count, longestTokens: longest });
}

function workloadName({
  trace,
  longest = 256,
  promptTokens = 32,
  tokens = 32,
}: ServeBenchFlags): string {
  if (trace === undefined) {
    return `Poisson arrivals, prompts of ${promptTokens}, answers of ${tokens}`;
  }
  const file = trace.split(/[\\/]/).at(-1) ?? trace;
  return `${file}, longest request scaled to ${plural(longest, 'token')}`;
}

async function mainTarget(
  model: string,
  use: Use,
): Promise<{ name: string; target: MeasuredServer }> {
  const { flags, signal, resources } = use;
  const { chips = 1, link } = flags;
  const isUses = flags.useCases === true;
  const grid = isUses || chips > 1 ? ['--grid', `${Math.max(2, chips)}x1`] : [];
  const dice = chips > 1 ? [...grid, '--dice', `${chips}x1`] : grid;
  const words = [...dice, ...(chips > 1 && link !== undefined ? ['--link', link] : [])];
  const own = flags.url ? undefined : resources.use(await startOwnServer(model, words, signal));
  const target = await openTarget({
    url: own?.url ?? flags.url!,
    model: flags.served,
    key: flags.keyFile === undefined ? undefined : readFileSync(flags.keyFile, 'utf8').trim(),
    isChat: flags.chat,
    headers: flags.waitMs === undefined ? {} : { queue_threshold: String(flags.waitMs) },
  });
  const name = own === undefined ? flags.url! : `wafer serve ${words.join(' ')}`.trim();
  return { name, target };
}

async function peerTarget(
  model: string,
  use: Use,
): Promise<{ name: string; target: MeasuredServer }> {
  const { flags, resources } = use;
  const options = {
    cacheFolder: flags.cache,
    threads: flags.peerThreads ?? availableParallelism(),
  };
  const peer = await openLlamaServer(await openNamedModel(model), options);
  resources.defer(() => peer.close());
  return peer;
}

async function useCases(model: string, whole: MeasuredServer, use: Use & Saying): Promise<void> {
  const { flags, terminal, say, signal } = use;
  const cut = { ...flags, chips: flags.chips ?? 2, link: flags.link ?? MEASURED_LINKS[0]!.name };
  const { name, target: diced } = await mainTarget(model, { ...use, flags: cut });
  const sizes = flags.quick ? USE_SIZES_QUICK : USE_SIZES;
  const rounds = flags.rounds ?? 5;
  const results = await runUseCases({ whole, diced, cut: name, sizes, rounds, signal, say });
  if (flags.json) return terminal.writeJson(results);
  return terminal.writeLines(useLines(results));
}

async function overhead(
  model: string,
  { flags, signal, resources, terminal, say }: Use & Saying,
): Promise<void> {
  const opened = withPlainTemplate(await openNamedModel(model));
  const wafer = resources.use(
    await startWafer({ model: opened, revectorize: true }, { terminal, signal }),
  );
  const server = resources.use(
    await startServer({
      models: [servedOnce(model, wafer)],
      port: 0,
      version: packageVersion(),
      // Written as `wafer serve` writes, which is part of the cost.
      logger: serverLog(devNull),
    }),
  );
  const target = await openTarget({ url: server.url });
  const rows = await runOverhead(
    { wafer, target },
    {
      batches: flags.batch ?? [1, 32],
      tokens: flags.tokens ?? 64,
      promptTokens: flags.promptTokens ?? 8,
      rounds: flags.rounds ?? 5,
      turnMs: flags.quick ? 1 : TURN_MS,
      ...{ signal, say },
    },
  );
  if (flags.json) return terminal.writeJson({ model, rows });
  return terminal.writeLines([model, ...overheadLines(rows)]);
}

/** A model whose wafer runs already. */
function servedOnce(id: string, wafer: Wafer): ServedModelSpec {
  const start = async (): Promise<Wafer> => wafer;
  return { id, start, isPinned: true, idleMs: Infinity, restarts: { countMax: 0, withinMs: 0 } };
}

function withoutRecords(results: ServeResults): object {
  const servers = results.servers.map(({ records: _, ...server }) => server);
  return { ...results, servers };
}
