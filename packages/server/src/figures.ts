/**
 * What the server counts, in Prometheus' form, by vLLM's names where the meaning is the same.
 *
 * Engines are asked for their figures when somebody reads, and not waited for long: one that hangs
 * leaves its last figures standing.
 */
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { EngineMetrics, Usage } from '@wafer/runtime';
import { AnswerLog } from './answer-log.ts';
import type { ModelEntry } from './models/model-entry.ts';

const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
const TOKEN_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1];
const TOKENS = [1, 4, 16, 64, 256, 1024, 4096, 16_384, 65_536];
const ENGINE_WAIT_MS = 250;

/** Engine figures that are shown: name, help, value. */
const GAUGES: readonly [string, string, (metrics: EngineMetrics) => number][] = [
  ['vllm:num_requests_running', 'Sequences running', ({ scheduler }) => scheduler.runningCount],
  ['vllm:num_requests_waiting', 'Sequences waiting', ({ scheduler }) => scheduler.waitingCount],
  [
    'vllm:kv_cache_usage_perc',
    'Share of KV blocks that sequences hold, 0 to 1',
    ({ kv }) => 1 - (kv.freeCount + kv.idleCount) / Math.max(1, kv.blockCount),
  ],
  ['vllm:num_preemptions_total', 'Preemptions', ({ scheduler }) => scheduler.preemptionCount],
  ['vllm:prefix_cache_hits_total', 'Blocks that were cached', ({ kv }) => kv.hitCount],
  [
    'vllm:prefix_cache_queries_total',
    'Blocks that were looked for',
    ({ kv }) => kv.hitCount + kv.missCount,
  ],
  ['wafer_steps_total', 'Steps of the engine', ({ stepCount }) => stepCount],
  ['wafer_kv_blocks', 'KV blocks', ({ kv }) => kv.blockCount],
  ['wafer_kv_blocks_free', 'KV blocks that nobody holds', ({ kv }) => kv.freeCount + kv.idleCount],
  ['wafer_aborted_total', 'Requests whose caller went away', ({ requests }) => requests.aborted],
  [
    'vllm:spec_decode_num_accepted_tokens_total',
    'Guessed tokens that were right',
    ({ requests }) => requests.acceptedTokens,
  ],
  [
    'vllm:spec_decode_num_draft_tokens_total',
    'Guessed tokens',
    ({ requests }) => requests.draftedTokens,
  ],
];

/** What one answer was, for the counters. */
export interface AnswerFigures {
  model: string;
  tenant: string;
  usage: Usage;
  finish: string;
}

export class ServerFigures {
  /** What the dashboard shows of answers and tenants. */
  readonly answers: AnswerLog = new AnswerLog();
  readonly #known = new Registry();
  readonly #gauges: readonly Gauge<'model_name'>[];
  readonly #http = this.#counter('wafer_http_requests_total', 'HTTP requests', [
    ...(['method', 'route', 'status'] as const),
  ]);
  readonly #cut = this.#counter('wafer_streams_cut_total', 'Streams cut, as reading was slow', []);
  readonly #restarts = this.#counter('wafer_restarts_total', 'Wafers started anew', ['model_name']);
  readonly #success = this.#counter('vllm:request_success_total', 'Answers', [
    ...(['model_name', 'finished_reason'] as const),
  ]);
  readonly #prompt = this.#counter('vllm:prompt_tokens_total', 'Prompt tokens', ['model_name']);
  readonly #cached = this.#counter('wafer_cached_tokens_total', 'Of them cached', ['model_name']);
  readonly #generated = this.#counter('vllm:generation_tokens_total', 'Generated tokens', [
    'model_name',
  ]);
  readonly #times: Readonly<Record<string, Histogram<'model_name'>>>;
  readonly #state: Gauge<'model_name' | 'state'>;
  readonly #slots: Gauge<'model_name' | 'state'>;

  constructor() {
    const registers = [this.#known];
    const labelNames = ['model_name'] as const;
    this.#gauges = GAUGES.map(([name, help]) => new Gauge({ name, help, labelNames, registers }));
    const times = [
      ['queue', 'vllm:request_queue_time_seconds', 'From arrival to the first step', SECONDS],
      ['first', 'vllm:time_to_first_token_seconds', 'From arrival to the first token', SECONDS],
      ['token', 'vllm:request_time_per_output_token_seconds', 'Per token', TOKEN_SECONDS],
      ['decode', 'vllm:request_decode_time_seconds', 'From first to last token', SECONDS],
      ['all', 'vllm:e2e_request_latency_seconds', 'From arrival to the last token', SECONDS],
      ['prompts', 'vllm:request_prompt_tokens', 'Tokens of prompts', TOKENS],
      ['answers', 'vllm:request_generation_tokens', 'Tokens of answers', TOKENS],
    ] as const;
    this.#times = Object.fromEntries(
      times.map(([key, name, help, buckets]) => [
        key,
        new Histogram({ name, help, labelNames, buckets: [...buckets], registers }),
      ]),
    );
    this.#state = new Gauge({
      ...{ name: 'wafer_model_state', help: '1 for the state a model is in', registers },
      labelNames: ['model_name', 'state'] as const,
    });
    this.#slots = new Gauge({
      ...{ name: 'wafer_adapter_slots', help: 'Adapter slots: taken, and all', registers },
      labelNames: ['model_name', 'state'] as const,
    });
  }

  /** Counts an HTTP request. */
  request(end: { method: string; route: string; status: number; wasCut: boolean }): void {
    const { method, route, status } = end;
    this.#http.inc({ method, route, status });
    if (end.wasCut) this.#cut.inc();
  }

  /** Counts an answer that ended. */
  answer({ model, tenant, usage, finish }: AnswerFigures): void {
    this.answers.add({ model, tenant, usage, finish });
    const label = { model_name: model };
    const { promptTokens, cachedTokens, generatedTokens } = usage;
    this.#success.inc({ ...label, finished_reason: finish });
    this.#prompt.inc(label, promptTokens);
    this.#cached.inc(label, cachedTokens);
    this.#generated.inc(label, generatedTokens);
    const observe = (key: string, value: number): void => this.#times[key]!.observe(label, value);
    const firstMs = usage.queueMs + usage.prefillMs;
    observe('queue', usage.queueMs / 1000);
    observe('first', firstMs / 1000);
    observe('decode', usage.decodeMs / 1000);
    observe('all', (firstMs + usage.decodeMs) / 1000);
    observe('prompts', promptTokens);
    observe('answers', generatedTokens);
    if (generatedTokens > 1) observe('token', usage.decodeMs / (generatedTokens - 1) / 1000);
  }

  restart(model: string): void {
    this.#restarts.inc({ model_name: model });
  }

  /** All figures as text. */
  async text(entries: readonly ModelEntry[]): Promise<string> {
    this.#state.reset();
    this.#slots.reset();
    await Promise.all(entries.map((entry) => this.#look(entry)));
    return this.#known.metrics();
  }

  get contentType(): string {
    return this.#known.contentType;
  }

  async #look({ spec, state, wafer, adapterOf }: ModelEntry): Promise<void> {
    const label = { model_name: spec.id };
    this.#state.set({ ...label, state }, 1);
    // An adapter's engine is its base's.
    if (wafer === undefined || adapterOf !== undefined) return;
    const { slots } = wafer.plan.options.adapters ?? { slots: 0 };
    this.#slots.set({ ...label, state: 'taken' }, wafer.adapters.length);
    this.#slots.set({ ...label, state: 'all' }, slots);
    const late = new Promise<undefined>((resolve) => {
      setTimeout(() => resolve(undefined), ENGINE_WAIT_MS).unref();
    });
    const metrics = await Promise.race([wafer.metrics().catch(() => undefined), late]);
    if (metrics === undefined) return;
    GAUGES.forEach(([, , read], i) => this.#gauges[i]!.set(label, read(metrics)));
  }

  #counter<Label extends string>(name: string, help: string, labelNames: Label[]): Counter<Label> {
    return new Counter({ name, help, labelNames, registers: [this.#known] });
  }
}
