/**
 * The engine: turns requests into steps, and the logits of steps into text.
 *
 * One turn: take commands, let the scheduler fill a step, publish it to the tiles; while they run,
 * send the events of the step before to the caller; when the tiles of the last stage have reported,
 * sample, and go round. It runs in a thread of its own and sleeps on its doorbell.
 */
import { receiveMessageOnPort } from 'node:worker_threads';
import { assert } from '@wafer/core';
import type { Step } from '@wafer/core';
import { Doorbell } from '@wafer/fabric';
import { instantiateKernels } from '@wafer/kernels';
import { tokenDecoder } from '@wafer/text';
import { ENGINE_CODES, ENGINE_TRACK, TraceWriter } from '../trace/trace-ring.ts';
import { fairPolicy } from './admission.ts';
import { KvCache } from './kv-cache.ts';
import type { EngineCommand, EngineTask } from './messages.ts';
import type { EngineMetrics, RecordedStep } from './engine-metrics.ts';
import type { StepEnd } from './consumer.ts';
import { EventBuffer } from './event-buffer.ts';
import { Requests } from './requests.ts';
import { createStep, Scheduler } from './scheduler.ts';
import { StepWriter } from './step-writer.ts';
import { VirtualTime } from './virtual-time.ts';
import { WindowCache } from './window-cache.ts';
import { wasmVocabOps } from './wasm-vocab-ops.ts';

/** Returns when something may have happened; the engine asks again whether it is done. */
export type Wait = (isDone: () => boolean) => void;

const NO_TEXT = new Uint8Array(0);

export class Engine {
  readonly #task: EngineTask;
  readonly #doorbell: Doorbell;
  readonly #wait: Wait;
  readonly #now: () => number;
  readonly #kv: KvCache;
  readonly #windows: WindowCache | undefined;
  readonly #scheduler: Scheduler;
  readonly #writer: StepWriter;
  readonly #step: Step;
  readonly #hostWords: Int32Array;
  /** Outputs of the step, [logitRowsMax][V]: logits, or a hidden state in the first D places. */
  readonly #outputs: Float32Array[];
  readonly #requests: Requests;
  readonly #buffer = new EventBuffer();
  readonly #accepted: Int32Array;
  readonly #end: StepEnd = { nowMs: 0, virtualNs: undefined };
  readonly #recorded: RecordedStep[] | undefined;
  readonly #virtual: VirtualTime | undefined;
  readonly #trace: TraceWriter | undefined;
  readonly #canPublish: () => boolean;
  readonly #hasReports: () => boolean;
  readonly #isCommanded: () => boolean;
  #commandCount = 0;
  #reports = 0;
  #computedTokens = 0;

  constructor(task: EngineTask, wait?: Wait, now?: () => number) {
    const { plan, host } = task;
    const { rowsMax, sequencesMax, contextMax, kvBlockCount, logitRowsMax } = plan.options;
    assert(logitRowsMax >= rowsMax, 'every row may want logits', { logitRowsMax, rowsMax });
    this.#task = task;
    this.#doorbell = new Doorbell(task.doorbells, task.engineThread);
    this.#now = now ?? (() => performance.now());
    this.#wait = wait ?? ((isDone) => this.#doorbell.sleepUnless(isDone));
    this.#kv = new KvCache({
      blockCount: kvBlockCount,
      reusePrefixes: task.reusePrefixes,
    });
    const { prefillChunk } = task;
    this.#windows = plan.windows && new WindowCache(plan.windows);
    this.#scheduler = new Scheduler({
      ...{ rowsMax, sequencesMax, contextMax, prefillChunk },
      kv: this.#kv,
      windows: this.#windows,
      policy: fairPolicy(undefined, task.reservations),
    });
    this.#step = createStep(rowsMax);
    this.#writer = new StepWriter(plan, { ...task, host: host.memory, layout: host.layout });
    this.#hostWords = new Int32Array(host.memory.buffer, 0, 16);
    const { vocabCount } = plan.spec;
    this.#outputs = Array.from(
      { length: logitRowsMax },
      (_, row) =>
        new Float32Array(host.memory.buffer, host.layout.logits + row * vocabCount * 4, vocabCount),
    );
    const kernels = instantiateKernels(task.kernels, host.memory);
    const { modelWidth } = plan.spec;
    this.#requests = new Requests({
      ...{ scheduler: this.#scheduler, vocabCount, modelWidth },
      ops: wasmVocabOps(kernels, { memory: host.memory, layout: host.layout, vocabCount }),
      decodeToken: task.tokenBytes ? tokenDecoder(task.tokenBytes) : () => NO_TEXT,
      emit: (event, waitMs = 0) => this.#buffer.put(event, waitMs),
    });
    this.#accepted = new Int32Array(sequencesMax);
    this.#recorded = task.recordSteps ? [] : undefined;
    this.#virtual = task.clock && new VirtualTime(task.clock, task);
    this.#trace = task.trace && new TraceWriter(task.trace.ring, task.trace.originMs);
    // Made once: a closure per step would be garbage per token.
    const headReports = host.layout.headReports / 4;
    this.#canPublish = () => this.#writer.canPublish();
    this.#hasReports = () => Atomics.load(this.#hostWords, headReports) === this.#reports;
    this.#isCommanded = () => this.#hasCommands();
  }

  /** Runs until told to stop. */
  run(): void {
    while (!this.#doorbell.isStopped) {
      this.#doorbell.beat();
      this.#takeCommands();
      const nowMs = this.#now();
      this.#requests.expire(nowMs);
      this.#requests.propose();
      if (!this.#scheduler.next(this.#step, nowMs)) {
        this.#checkIdle();
        this.#flush(undefined);
        this.#wait(this.#isCommanded);
        continue;
      }
      this.#waitUntil(this.#canPublish);
      const startMs = performance.now();
      this.#writer.publish(this.#step);
      this.#flush(this.#step.rowCount);
      this.#waitForTiles();
      if (this.#doorbell.isStopped) return;
      const endMs = performance.now();
      this.#finishStep(this.#now());
      const { step, sample } = ENGINE_CODES;
      const { stepCount } = this.#writer;
      this.#trace?.write(startMs, endMs, ENGINE_TRACK, step, stepCount - 1);
      this.#trace?.write(endMs, performance.now(), ENGINE_TRACK, sample, stepCount - 1);
    }
  }

  /** With nothing to run, nothing is kept: neither of requests that ended nor that were aborted. */
  #checkIdle(): void {
    const { sequenceCount, isEmpty } = this.#requests;
    const { runningCount, waitingCount } = this.#scheduler.stats();
    const underWay = runningCount + waitingCount;
    if (sequenceCount === underWay && isEmpty === (underWay === 0)) return;
    assert(false, 'what is kept is under way', { sequenceCount, runningCount, waitingCount });
  }

  #finishStep(nowMs: number): void {
    const step = this.#step;
    const { program, tokens, rowCount } = step;
    this.#recorded?.push({ program, tokens: Array.from(tokens.subarray(0, rowCount)) });
    this.#computedTokens += step.rowCount;
    this.#virtual?.endStep(step);
    this.#end.nowMs = nowMs;
    this.#buffer.endStep(nowMs, rowCount);
    this.#end.virtualNs = this.#virtual?.totalNs;
    this.#requests.takeOutputs(this.#outputs, this.#end);
    this.#scheduler.complete(step, this.#requests.acceptedCounts(this.#accepted));
    this.#requests.settle(this.#end);
  }

  // ---- commands and events

  #hasCommands(): boolean {
    const { layout } = this.#task.host;
    return Atomics.load(this.#hostWords, layout.commands / 4) !== this.#commandCount;
  }

  #takeCommands(): void {
    while (this.#hasCommands()) {
      const got = receiveMessageOnPort(this.#task.port);
      if (got === undefined) return; // counted, but still on its way
      this.#commandCount = (this.#commandCount + 1) | 0;
      this.#obey(got.message as EngineCommand);
    }
  }

  #obey(command: EngineCommand): void {
    switch (command.kind) {
      case 'generate':
      case 'logits':
      case 'score':
      case 'embed':
        return this.#requests.begin(command, this.#now());
      case 'grant':
        return this.#requests.grant(command.id, command.index, command.count);
      case 'abort':
        return this.#requests.abort(command.id);
      case 'metrics':
        this.#buffer.put({ kind: 'metrics', id: command.id, metrics: this.#metrics() }, 0);
        return undefined;
    }
  }

  #metrics(): EngineMetrics {
    return {
      stepCount: this.#writer.stepCount,
      promptTokens: this.#requests.promptTokens,
      computedTokens: this.#computedTokens,
      generatedTokens: this.#requests.generatedTokens,
      hostBytes: this.#writer.hostBytes,
      requests: this.#requests.figures,
      scheduler: this.#scheduler.stats(),
      kv: this.#kv.stats(),
      windows: this.#windows?.stats(),
      steps: this.#recorded,
      virtual: this.#virtual?.figures(),
    };
  }

  /** Sends what may not wait for a step of so many rows; all of it where none follows. */
  #flush(nextRows: number | undefined): void {
    const events = this.#buffer.take(nextRows);
    if (events.length > 0) this.#task.port.postMessage(events);
  }

  // ---- waiting

  #waitForTiles(): void {
    this.#reports = (this.#reports + this.#task.plan.headTiles.length) | 0;
    this.#waitUntil(this.#hasReports);
  }

  #waitUntil(isDone: () => boolean): void {
    for (let i = 0; i < this.#task.spinCount; i++) {
      if (isDone()) return;
      Atomics.pause();
    }
    while (!isDone() && !this.#doorbell.isStopped) this.#wait(isDone);
  }
}
