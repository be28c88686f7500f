/**
 * The engine: turns requests into steps, and the logits of steps into text.
 *
 * One turn: take commands, let the scheduler fill a step, publish it to the tiles; while they run,
 * send the events of the step before to the caller; when the tiles of the last stage have reported,
 * sample, and go round. It runs in a thread of its own and sleeps on its doorbell.
 */
import { receiveMessageOnPort } from 'node:worker_threads';
import { assert, WaferError } from '@wafer/core';
import type { Step } from '@wafer/core';
import { Doorbell } from '@wafer/fabric';
import { instantiateKernels } from '@wafer/kernels';
import { tokenDecoder } from '@wafer/text';
import { ENGINE_CODES, ENGINE_TRACK, TraceWriter } from '../trace/trace-ring.ts';
import { KvCache } from './kv-cache.ts';
import type { EngineCommand, EngineEvent, EngineMetrics, EngineTask } from './messages.ts';
import type { GenerateRequest } from './request.ts';
import { Sampler } from './sampler.ts';
import { createStep, Scheduler } from './scheduler.ts';
import { Sequence } from './sequence.ts';
import { StepWriter } from './step-writer.ts';
import { TextStream } from './text-stream.ts';
import { VirtualTime } from './virtual-time.ts';
import { WindowCache } from './window-cache.ts';
import { wasmVocabOps } from './wasm-vocab-ops.ts';
import type { VocabOps } from './vocab-ops.ts';

/** What the engine keeps per answer. */
interface Answer {
  request: GenerateRequest;
  sequence: Sequence;
  sampler: Sampler;
  text: TextStream;
  stopTokens: ReadonlySet<number>;
  count: number;
}

/** Returns when something may have happened; the engine asks again whether it is done. */
export type Wait = (isDone: () => boolean) => void;

const NO_TEXT = new Uint8Array(0);

export class Engine {
  readonly #task: EngineTask;
  readonly #doorbell: Doorbell;
  readonly #wait: Wait;
  readonly #kv: KvCache;
  readonly #windows: WindowCache | undefined;
  readonly #scheduler: Scheduler;
  readonly #writer: StepWriter;
  readonly #step: Step;
  readonly #vocab: VocabOps;
  readonly #hostWords: Int32Array;
  /** Logits of each row of the step, [logitRowsMax][V]. */
  readonly #logits: Float32Array[];
  readonly #decodeToken: (token: number) => Uint8Array;
  readonly #answers = new Map<number, Answer>();
  /** First positions of scores whose logits are wanted. */
  readonly #scoredFrom = new Map<number, number>();
  readonly #recorded: number[][] | undefined;
  readonly #virtual: VirtualTime | undefined;
  readonly #trace: TraceWriter | undefined;
  readonly #canPublish: () => boolean;
  readonly #hasReports: () => boolean;
  readonly #isCommanded: () => boolean;
  #events: EngineEvent[] = [];
  #commandCount = 0;
  #reports = 0;
  #isStopping = false;
  #promptTokens = 0;
  #generatedTokens = 0;
  #computedTokens = 0;

  constructor(task: EngineTask, wait?: Wait) {
    const { plan, host } = task;
    const { rowsMax, sequencesMax, contextMax, kvBlockCount, logitRowsMax } = plan.options;
    assert(logitRowsMax >= rowsMax, 'every row may want logits', { logitRowsMax, rowsMax });
    this.#task = task;
    this.#doorbell = new Doorbell(task.doorbells, task.engineThread);
    this.#wait = wait ?? ((isDone) => this.#doorbell.sleepUnless(isDone));
    this.#kv = new KvCache({
      blockCount: kvBlockCount,
      blockTokens: 16,
      reusePrefixes: task.reusePrefixes,
    });
    const { prefillChunk } = task;
    this.#windows = plan.windows && new WindowCache(plan.windows);
    this.#scheduler = new Scheduler({
      ...{ rowsMax, sequencesMax, contextMax, prefillChunk },
      kv: this.#kv,
      windows: this.#windows,
    });
    this.#step = createStep(rowsMax);
    this.#writer = new StepWriter(plan, { ...task, host: host.memory, layout: host.layout });
    this.#hostWords = new Int32Array(host.memory.buffer, 0, 16);
    const { vocabCount } = plan.spec;
    this.#logits = Array.from(
      { length: logitRowsMax },
      (_, row) =>
        new Float32Array(host.memory.buffer, host.layout.logits + row * vocabCount * 4, vocabCount),
    );
    const kernels = instantiateKernels(task.kernels, host.memory);
    this.#vocab = wasmVocabOps(kernels, { memory: host.memory, layout: host.layout, vocabCount });
    this.#decodeToken = task.tokenBytes ? tokenDecoder(task.tokenBytes) : () => NO_TEXT;
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
    while (!this.#isStopping && !this.#doorbell.isStopped) {
      this.#doorbell.beat();
      this.#takeCommands();
      if (!this.#scheduler.next(this.#step)) {
        this.#checkIdle();
        this.#flush();
        this.#wait(this.#isCommanded);
        continue;
      }
      this.#waitUntil(this.#canPublish);
      const startMs = performance.now();
      this.#writer.publish(this.#step);
      this.#flush();
      this.#waitForTiles();
      if (this.#doorbell.isStopped) return;
      const endMs = performance.now();
      this.#finishStep();
      this.#trace?.write(startMs, endMs, ENGINE_TRACK, ENGINE_CODES.step);
      this.#trace?.write(endMs, performance.now(), ENGINE_TRACK, ENGINE_CODES.sample);
    }
  }

  /** With nothing to run, nothing is kept: neither of requests that ended nor that were aborted. */
  #checkIdle(): void {
    const answers = this.#answers.size;
    const scores = this.#scoredFrom.size;
    const { runningCount, waitingCount } = this.#scheduler.stats();
    if (answers + scores === runningCount + waitingCount) return;
    assert(false, 'what is kept is under way', { answers, scores, runningCount, waitingCount });
  }

  #finishStep(): void {
    const step = this.#step;
    this.#recorded?.push(Array.from(step.tokens.subarray(0, step.rowCount)));
    this.#computedTokens += step.rowCount;
    this.#virtual?.endStep(step);
    this.#scheduler.complete(step);
    const { outputOwners, outputPositions } = this.#scheduler;
    for (let i = 0; i < step.outputRows.length; i++) {
      const sequence = outputOwners[i]!;
      if (sequence.state === 'done') continue;
      const logits = this.#logits[i]!;
      if (sequence.wants.rows === 'all') this.#emitLogits(sequence, outputPositions[i]!, logits);
      else this.#refusing(sequence.id, () => this.#emitPiece(sequence.id, logits));
    }
  }

  #emitPiece(id: number, logits: Float32Array): void {
    const answer = this.#answers.get(id)!;
    const { request, sequence, sampler, text, stopTokens } = answer;
    const { token, logprob, top } = sampler.sample(logits, answer.count);
    answer.count++;
    this.#generatedTokens++;
    const isStopToken = stopTokens.has(token);
    let piece = isStopToken ? '' : text.push(token);
    const isStop = isStopToken || text.isStopped;
    const finish = isStop ? 'stop' : answer.count === request.maxTokens ? 'length' : undefined;
    if (finish === undefined) {
      sampler.accept(token);
      sequence.push(token);
    } else {
      piece += text.finish();
      this.#scheduler.finish(sequence);
      this.#answers.delete(sequence.id);
    }
    const hasLogprobs = request.sampling.logprobs !== undefined;
    this.#events.push({
      kind: 'piece',
      id: sequence.id,
      token,
      text: piece,
      logprob: hasLogprobs ? logprob : undefined,
      top: hasLogprobs ? top : undefined,
      virtualNs: this.#virtual?.totalNs,
      finish,
    });
  }

  #emitLogits(sequence: Sequence, position: number, logits: Float32Array): void {
    const isLast = position === sequence.promptCount - 1;
    if (position >= this.#scoredFrom.get(sequence.id)!) {
      const row = new Float32Array(logits); // out of shared memory
      this.#events.push({ kind: 'logits', id: sequence.id, position, logits: row, isLast });
    }
    if (!isLast) return;
    this.#scheduler.finish(sequence);
    this.#scoredFrom.delete(sequence.id);
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
        return this.#refusing(command.id, () => this.#generate(command.id, command.request));
      case 'score':
        return this.#refusing(command.id, () => this.#score(command));
      case 'abort':
        return this.#abort(command.id);
      case 'metrics':
        this.#events.push({ kind: 'metrics', id: command.id, metrics: this.#metrics() });
        return undefined;
      case 'stop':
        this.#isStopping = true;
        return undefined;
    }
  }

  #generate(id: number, request: GenerateRequest): void {
    const { prompt, maxTokens, stop, stopTokens, sampling } = request;
    const sequence = new Sequence({ id, prompt, maxTokens });
    this.#scheduler.add(sequence);
    this.#promptTokens += prompt.length;
    const { vocabCount } = this.#task.plan.spec;
    this.#answers.set(id, {
      request,
      sequence,
      sampler: new Sampler(sampling, { prompt, vocabCount, ops: this.#vocab }),
      text: new TextStream(this.#decodeToken, stop),
      stopTokens: new Set(stopTokens),
      count: 0,
    });
  }

  #score({ id, tokens, from }: EngineCommand & { kind: 'score' }): void {
    const wants = { rows: 'all', output: 'logits' } as const;
    this.#scheduler.add(new Sequence({ id, prompt: tokens, maxTokens: 0, wants }));
    this.#scoredFrom.set(id, from);
    this.#promptTokens += tokens.length;
  }

  #abort(id: number): void {
    if (!this.#scheduler.abort(id)) return;
    this.#answers.delete(id);
    this.#scoredFrom.delete(id);
    this.#events.push({ kind: 'refused', id, error: { code: 'ABORTED', details: {} } });
  }

  /** A request that cannot go on ends with its error; the engine does not. */
  #refusing(id: number, serve: () => void): void {
    try {
      serve();
    } catch (error) {
      if (!(error instanceof WaferError)) throw error;
      this.#scheduler.abort(id);
      this.#answers.delete(id);
      const { code, details } = error.toJSON();
      this.#events.push({ kind: 'refused', id, error: { code, details } });
    }
  }

  #metrics(): EngineMetrics {
    return {
      stepCount: this.#writer.stepCount,
      promptTokens: this.#promptTokens,
      computedTokens: this.#computedTokens,
      generatedTokens: this.#generatedTokens,
      hostBytes: this.#writer.hostBytes,
      scheduler: this.#scheduler.stats(),
      kv: this.#kv.stats(),
      windows: this.#windows?.stats(),
      steps: this.#recorded,
      virtual: this.#virtual?.figures(),
    };
  }

  #flush(): void {
    if (this.#events.length === 0) return;
    this.#task.port.postMessage(this.#events);
    this.#events = [];
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
