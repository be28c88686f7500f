/**
 * The files of a bench run but for its pictures: what was asked, what each column means, and every
 * table with its units.
 */
import type { Model } from '@wafer/runtime';
import { weightBytes } from '@wafer/runtime/internal';
import type { WaferSettings } from './wafer-settings.ts';
import type { BenchResults } from './bench-results.ts';
import type { RowReport } from './bench-report.ts';
import { csv } from './csv.ts';
import type { DescribedRow } from './described-part.ts';
import type { ChannelRow, TracedPart } from './traced-part.ts';

/** What each figure is, in one line; the names are those of the JSON and of the CSV files. */
export const FORMULAS: Readonly<Record<string, string>> = {
  prefillTokensPerSecond: 'prompt tokens / time from the request to the first piece',
  decodeTokensPerSecond: '(pieces - 1) / time from the first piece to the last',
  tokenMs: 'time from each piece to the next; nearest-rank quantiles over all repetitions',
  kerfChargedBytesPerToken:
    'interconnects: what described chips would send across kerfs for the median token, by the walk',
  shares: 'time of all tiles in compute, send, wait; idle is the rest of tiles x answer time',
  kerfBytesPerToken: 'payload over channels that cross a kerf / (prompt + generated - 1) tokens',
  ratio: 'median over repetitions of decode tokens/s / those of the whole wafer',
  isNoisy: '(max - min) / median of decode tokens/s above 0.2',
  kept: 'tokens/s over those of the same chips with links that cost nothing',
  waterfall: 'tokens/s with the terms so far on / tokens/s of the uncut wafer',
  closedForm: 'rows / (ops of one chip + 2 all-reduces a layer)',
  speedup: 'tokens/s over those of one chip (of one tile on the wafer)',
};

/** Everything that is needed to read the files, or to run it again. */
export function metaOf(
  results: BenchResults,
  run: { model: Model; settings: WaferSettings; version: string; traced: TracedPart },
): object {
  const { model, settings, version, traced } = run;
  const { source, spec } = model;
  const { plan, threadCount, dice } = settings.resolved;
  return {
    id: results.id,
    date: results.date,
    versions: { wafer: version, node: process.version, v8: process.versions.v8 },
    machine: results.machine,
    model: {
      name: model.name,
      shape: spec,
      weightBytes: weightBytes(model),
      seed: source.kind === 'synthetic' ? source.seed : undefined,
    },
    settings: {
      grid: plan.grid,
      stages: plan.stageCount,
      plan: plan.tensor,
      activations: plan.activations,
      kv: plan.kv,
      experts: spec.experts && plan.experts,
      dtype: model.requantized?.type,
      quantization: results.quantization,
      rounding: settings.options.rounding,
      vectorBits: results.vectorBits,
      threads: threadCount,
      chips: dice.chips,
      contextTokens: plan.contextMax,
      promptTokens: results.promptTokens,
      generatedTokens: results.generatedTokens,
      temperature: 0,
    },
    tracedPass: { grid: traced.grid, link: traced.fabric.link, ...traced.trace.otherData },
    tokensHash: results.tokensHash,
    formulas: FORMULAS,
    clocks: {
      'wall.csv': 'wall',
      'interconnects.csv': [...new Set(results.described.rows.map(({ clock }) => clock))],
      'waterfall.csv': 'column clock',
      'scaling.csv': 'simulated',
      'sweep.csv': 'simulated',
      'channels.csv': 'wall',
      'trace.json': 'wall',
    },
    figuresAssumedOrRecalled: results.described.weak,
  };
}

/** The tables, by file name. */
export function tablesOf(results: BenchResults, traced: TracedPart): Record<string, string> {
  const { described } = results;
  return {
    'wall.csv': wallCsv(results.rows),
    'interconnects.csv': interconnectsCsv(described.rows),
    'waterfall.csv': csv(
      {
        model: ({ fall }) => fall.model,
        clock: ({ fall }) => fall.clock,
        link: ({ fall }) => fall.link,
        all_reduce: ({ fall }) => fall.collective,
        turned_on: ({ row }) => row.name,
        tokens_per_s: ({ row }) => row.tokensPerS,
        kept_of_uncut: ({ row }) => row.kept,
      },
      described.waterfalls.flatMap((fall) => fall.rows.map((row) => ({ fall, row }))),
    ),
    'scaling.csv': csv(
      {
        clock: ({ clock }) => clock,
        work: ({ work }) => work,
        cut: ({ cut }) => cut,
        all_reduce: ({ collective }) => collective,
        chips_or_tiles: ({ chipCount }) => chipCount,
        tokens_per_s: ({ tokensPerS }) => tokensPerS,
        speedup: ({ speedup }) => speedup,
        kept: ({ kept }) => kept,
        bottleneck: ({ bottleneck }) => bottleneck,
      },
      described.scaling.rows,
    ),
    'sweep.csv': csv(
      {
        model: ({ sweep }) => sweep.model,
        clock: ({ sweep }) => sweep.clock,
        software_of: ({ sweep }) => sweep.link,
        all_reduce: ({ sweep }) => sweep.collective,
        latency_ns: ({ cell }) => cell.latencyNs,
        bandwidth_bytes_per_s: ({ cell }) => cell.bandwidthBytesPerS,
        tokens_per_s: ({ cell }) => cell.tokensPerS,
        kept: ({ cell }) => cell.kept,
        bottleneck: ({ cell }) => cell.bottleneck,
      },
      described.sweeps.flatMap((sweep) => sweep.cells.map((cell) => ({ sweep, cell }))),
    ),
    'channels.csv': channelsCsv(traced.channels),
  };
}

function wallCsv(rows: readonly RowReport[]): string {
  return csv<RowReport>(
    {
      row: ({ row }) => row,
      clock: ({ clock }) => clock,
      link: ({ link }) => link,
      repetitions: ({ repetitions }) => repetitions,
      prefill_tokens_per_s: (row) => row.prefillTokensPerSecond.median,
      decode_tokens_per_s: (row) => row.decodeTokensPerSecond.median,
      decode_min_tokens_per_s: (row) => row.decodeTokensPerSecond.min,
      decode_max_tokens_per_s: (row) => row.decodeTokensPerSecond.max,
      ratio_to_whole: ({ ratio }) => ratio.median,
      token_p50_ms: ({ tokenMs }) => tokenMs.p50,
      token_p99_ms: ({ tokenMs }) => tokenMs.p99,
      compute_share: ({ shares }) => shares.compute,
      send_share: ({ shares }) => shares.send,
      wait_share: ({ shares }) => shares.wait,
      idle_share: ({ shares }) => shares.idle,
      kerf_payload_bytes_per_token: (row) => row.kerfBytesPerToken,
      kerf_overhead_bytes_per_token: (row) => row.kerfOverheadBytesPerToken,
      noisy: ({ isNoisy }) => String(isNoisy),
      tokens_hash: ({ tokensHash }) => tokensHash,
    },
    rows,
  );
}

function interconnectsCsv(rows: readonly DescribedRow[]): string {
  return csv<DescribedRow>(
    {
      row: ({ row }) => row,
      clock: ({ clock }) => clock,
      link: ({ link }) => link,
      all_reduce: ({ collective }) => collective,
      decode_tokens_per_s: ({ tokensPerSecond }) => tokensPerSecond,
      ratio_to_uncut: ({ ratio }) => ratio,
      kept: ({ kept }) => kept,
      token_p50_ms: ({ tokenMs }) => tokenMs.p50,
      token_p99_ms: ({ tokenMs }) => tokenMs.p99,
      compute_share: ({ shares }) => shares.compute,
      send_share: ({ shares }) => shares.send,
      wait_share: ({ shares }) => shares.wait,
      kerf_charged_bytes_per_token: (row) => row.kerfBytesPerToken,
      bottleneck: ({ bottleneck }) => bottleneck,
      tokens_hash: ({ tokensHash }) => tokensHash,
    },
    rows,
  );
}

function channelsCsv(rows: readonly ChannelRow[]): string {
  return csv<ChannelRow>(
    {
      channel: ({ channel }) => channel,
      window: ({ window }) => window,
      kerf: ({ isKerf }) => String(isKerf),
      messages: ({ messages }) => messages,
      payload_bytes: ({ payloadBytes }) => payloadBytes,
      overhead_bytes: ({ overheadBytes }) => overheadBytes,
      wait_ms: ({ waitMs }) => waitMs,
    },
    rows,
  );
}
