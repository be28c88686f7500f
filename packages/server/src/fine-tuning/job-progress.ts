/**
 * What a job's process tells, as states, events, checkpoints, files and models of the job. Told
 * twice, as after a crash, it is written once.
 */
import { assert } from '@wafer/core';
import type { FineTuneEvent, FineTunePlan, ModelPoint } from '@wafer/train';
import { fileBody, putFile } from '../files/file-store.ts';
import { idMaker } from '../requests/ids.ts';
import type { Services } from '../services.ts';
import { isOpen, methodBody, stepName } from './job-record.ts';
import type { JobError, JobRecord } from './job-record.ts';
import type { JobEvent, JobKey, JobStore } from './job-store.ts';
import type { TunedModels } from './tuned-models.ts';

type EventOf<Kind extends FineTuneEvent['kind']> = Extract<FineTuneEvent, { kind: Kind }>;

/** Processes of a job that may die before it is given up. */
const CRASHES_MAX = 2;
const MINUTE = 60;

export class JobProgress {
  readonly #services: Services;
  readonly #jobs: JobStore;
  readonly #models: TunedModels;
  readonly #key: JobKey;
  #plan: FineTunePlan | undefined;
  #begun = { step: 0, atMs: 0 };

  constructor(services: Services, use: { jobs: JobStore; models: TunedModels; key: JobKey }) {
    this.#services = services;
    this.#jobs = use.jobs;
    this.#models = use.models;
    this.#key = use.key;
  }

  /** Writes what is told on the way. */
  told(event: FineTuneEvent): void {
    if (event.kind === 'ready') this.#ready(event);
    else if (event.kind === 'step') this.#step(event);
    else if (event.kind === 'checkpoint') this.#checkpoint(event);
  }

  /** Writes how a process ended, undefined: of itself; whether the job is to go on. */
  async ended(event: FineTuneEvent | undefined): Promise<boolean> {
    if (event?.kind === 'faults') this.#fail(faultsError(event), event);
    else if (event?.kind === 'failed') {
      const { code, message } = event;
      this.#fail({ code: code.toLowerCase(), message, param: null });
    } else if (event?.kind === 'done') this.#succeed(event);
    else if (event === undefined && this.#died()) return true;
    const record = this.#jobs.get(this.#key);
    if (record === undefined || isOpen(record.body)) return false;
    await this.#models.show(this.#key.tenant, record);
    await this.#models.tidy(this.#key.id);
    return false;
  }

  #ready({ plan, step }: EventOf<'ready'>): void {
    this.#plan = plan;
    this.#begun = { step, atMs: performance.now() };
    const { epochs, batch, rateMultiplier, beta, examples, steps } = plan;
    this.#jobs.move(this.#key, 'running', {
      message: `${examples} examples, ${steps} steps; the job ${step > 0 ? 'goes on' : 'begins'}`,
      change: ({ body }) => {
        const hyperparameters = {
          ...body.hyperparameters,
          ...{ n_epochs: epochs, batch_size: batch, learning_rate_multiplier: rateMultiplier },
        };
        return { hyperparameters, method: methodBody(hyperparameters, beta) };
      },
    });
  }

  #step({ step, loss, learningRate, gradNorm, pairs }: EventOf<'step'>): void {
    const { steps = step } = this.#plan ?? {};
    const more = pairs && { reward_margin: pairs.margin, pair_accuracy: pairs.accuracy };
    this.#services.store.transaction(() => {
      if ((this.#jobs.get(this.#key)?.stepTold ?? Infinity) >= step) return;
      this.#jobs.note(this.#key, (record) => ({
        ...record,
        stepTold: step,
        body: { ...record.body, estimated_finish: this.#finishAt(step, steps) },
      }));
      this.#jobs.tell(this.#key, {
        message: `step ${step}/${steps}: training loss=${loss.toFixed(4)}`,
        type: 'metrics',
        data: {
          ...{ step, total_steps: steps, train_loss: loss, learning_rate: learningRate, gradNorm },
          ...more,
        },
      });
    });
  }

  /** Seconds since 1970. */
  #finishAt(step: number, steps: number): number {
    const { step: first, atMs } = this.#begun;
    const eachMs = (performance.now() - atMs) / Math.max(1, step - first);
    return Math.round(this.#services.nowSeconds() + ((steps - step) * eachMs) / 1000);
  }

  #checkpoint({ step, trainLoss, validLoss }: EventOf<'checkpoint'>): void {
    const record = this.#jobs.get(this.#key);
    if (record === undefined) return;
    const name = stepName(record, step);
    const valid = validLoss === undefined ? {} : { full_valid_loss: validLoss };
    const metrics = { step, train_loss: trainLoss, ...valid };
    this.#services.store.transaction(() => {
      const facts = { fine_tuned_model_checkpoint: name, metrics };
      if (!this.#jobs.addCheckpoint(this.#key, facts)) return;
      this.#jobs.tell(this.#key, { message: `checkpoint at step ${step}: ${name}` });
    });
    void this.#models.show(this.#key.tenant, record);
  }

  #fail(error: JobError, faults?: EventOf<'faults'>): void {
    this.#services.store.transaction(() => {
      for (const { line, code, message } of faults?.faults ?? []) {
        const place = line === null ? '' : `line ${line}: `;
        const data = { code, line, file: faults?.file };
        this.#jobs.tell(this.#key, { message: `${place}${message}`, level: 'error', data });
      }
      this.#jobs.move(this.#key, 'failed', {
        ...{ message: `the job failed: ${error.message}`, level: 'error' },
        change: () => ({ error }),
      });
    });
  }

  #succeed({ step, trainLoss, validLoss }: ModelPoint): void {
    const { store, nowSeconds } = this.#services;
    const { tenant, id } = this.#key;
    const trained = step * (this.#plan?.tokensOfStep ?? 0);
    const isMoved = store.transaction(() => {
      const file = idMaker(this.#services)('file');
      const csv = Buffer.from(this.#metrics());
      const moved = this.#jobs.move(this.#key, 'succeeded', {
        message: 'the job has succeeded; its model can be asked',
        data: { train_loss: trainLoss, full_valid_loss: validLoss ?? null },
        change: ({ tunedName }) => ({
          ...{ fine_tuned_model: tunedName, trained_tokens: trained, result_files: [file] },
        }),
      });
      if (moved === undefined) return false;
      const filename = `${id}_step_metrics.csv`;
      const facts = { id: file, bytes: csv.length, created_at: nowSeconds(), filename };
      putFile(store, tenant, fileBody({ ...facts, purpose: 'fine-tune-results' }), [csv]);
      return true;
    });
    const record = this.#jobs.get(this.#key);
    if (isMoved && record !== undefined) this.#charge(record, trained);
  }

  /** Steps that were told of, as rows. */
  #metrics(): string {
    const steps = this.#events().flatMap(({ data }) =>
      data?.['step'] === undefined ? [] : [data],
    );
    const columns = ['step', 'train_loss', 'learning_rate'];
    if (steps.some((data) => 'reward_margin' in data)) {
      columns.push('reward_margin', 'pair_accuracy');
    }
    const rows = steps.map((data) => columns.map((name) => String(data[name])));
    return [columns, ...rows].map((row) => `${row.join(',')}\n`).join('');
  }

  #events(): readonly JobEvent[] {
    return this.#jobs.events(this.#key, { limit: EVENTS_MAX, order: 'asc' }).items;
  }

  #charge({ body, base, keyId }: JobRecord, trained: number): void {
    const { ledger, prices, nowSeconds } = this.#services.usage;
    assert(Number.isSafeInteger(trained), 'tokens are counted', { trained });
    ledger.add({
      minute: Math.floor(nowSeconds() / MINUTE) * MINUTE,
      ...{ organization: body.organization_id, project: this.#key.tenant, key: keyId },
      ...{ model: base, kind: 'fine_tuning', isBatch: false, requests: 1 },
      ...{ inputTokens: trained, cachedTokens: 0, outputTokens: 0 },
      costNanos: Math.round(trained * (prices[base]?.training ?? 0) * 1000),
    });
  }

  /** A process that said nothing of its end: killed, or out of memory. Whether to try again. */
  #died(): boolean {
    const record = this.#jobs.get(this.#key);
    if (record === undefined || !AT_WORK.has(record.body.status)) return false;
    if (record.crashCount >= CRASHES_MAX) {
      const message = 'its process died several times, as where there is too little memory';
      this.#fail({ code: 'process_died', message, param: null });
      return false;
    }
    const message = 'the process of the job died; it goes on from its checkpoint';
    this.#services.store.transaction(() => {
      this.#jobs.note(this.#key, (one) => ({ ...one, crashCount: one.crashCount + 1 }));
      this.#jobs.move(this.#key, 'queued', { message, level: 'warn' });
    });
    return true;
  }
}

const EVENTS_MAX = 10_000;
const AT_WORK: ReadonlySet<string> = new Set(['validating_files', 'running']);
const LINES_NAMED = 5;

function faultsError({ file, faults }: EventOf<'faults'>): JobError {
  const told = faults.slice(0, LINES_NAMED).map(({ line, message }) => {
    return line === null ? message : `line ${line}: ${message}`;
  });
  const more = faults.length > told.length ? `; and ${faults.length - told.length} more` : '';
  return {
    code: `invalid_${file}`,
    message: `${told.join('; ')}${more}`,
    param: file,
    lines: faults,
  };
}
