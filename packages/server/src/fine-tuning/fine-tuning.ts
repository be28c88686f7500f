/**
 * Runs fine-tuning jobs one at a time, each in a process of its own below live traffic.
 *
 *     queue ─ process: validate, train, checkpoint ─▶ events, models on the shelf ─▶ result
 *
 * Any process may be killed anywhere: the store says which jobs are not over, a job's folder where
 * it stands, and the process of the next start goes on from there to the same bits.
 */
import { rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ChildProcess } from 'node:child_process';
import { startFineTune } from '@wafer/train';
import type { FineTuneCommand, FineTuneEvent } from '@wafer/train';
import type { Logger } from 'pino';
import { toApiError } from '../errors/api-error.ts';
import { getFile } from '../files/file-store.ts';
import { CANCELED } from '../http/wire-words.ts';
import type { Services } from '../services.ts';
import type { JobBody, JobRecord } from './job-record.ts';
import { JobProgress } from './job-progress.ts';
import { JobStore } from './job-store.ts';
import type { JobKey } from './job-store.ts';
import { TunedModels } from './tuned-models.ts';

export interface FineTuningOptions {
  /** Where models and checkpoints lie. */
  root: string;
  /** Whether they go with the server. */
  isTemporary: boolean;
  /** Threads of a job. */
  threads: number;
  logger: Logger;
}

const RETRY_MS = 1000;
const CHECKPOINT_MS = 60_000;
/** How long a process may take to write a checkpoint when the server ends. */
const STOP_MS = 20_000;

interface JobRun {
  key: JobKey;
  child: ChildProcess;
  done: Promise<void>;
}

export class FineTuning {
  readonly #services: Services;
  readonly #options: FineTuningOptions;
  readonly #jobs: JobStore;
  readonly #models: TunedModels;
  readonly #waiting: JobKey[] = [];
  #run: JobRun | undefined;
  #isClosing = false;

  constructor(services: Services, options: FineTuningOptions) {
    this.#services = services;
    this.#options = options;
    this.#jobs = new JobStore(services);
    this.#models = new TunedModels(services.models, options.root, options.logger);
  }

  /** Shows what earlier jobs made, and queues those that are not over. */
  async open(): Promise<void> {
    for (const { tenant, record } of this.#jobs.all()) {
      await this.#models.show(tenant, record);
      const key = { tenant, id: record.id };
      const { status } = record.body;
      const isCut = status === 'validating_files' || status === 'running';
      const message = 'the server was started anew; the job goes on from its checkpoint';
      if (isCut) this.#jobs.move(key, 'queued', { message });
      if (isCut || status === 'queued') this.#waiting.push(key);
    }
    this.#next();
  }

  start(tenant: string, id: string): void {
    this.#waiting.push({ tenant, id });
    this.#next();
  }

  /** Undefined where it cannot be paused. */
  pause(key: JobKey): JobBody | undefined {
    const record = this.#jobs.move(key, 'paused', { message: 'the job is paused' });
    if (record !== undefined && this.#isRunning(key)) this.#command({ kind: 'stop' });
    return record?.body;
  }

  /** Undefined where it is not paused. */
  resume(key: JobKey): JobBody | undefined {
    const record = this.#jobs.move(key, 'queued', { message: 'the job goes on' });
    if (record !== undefined) this.start(key.tenant, key.id);
    return record?.body;
  }

  /** Undefined where it is over already. */
  cancel(key: JobKey): JobBody | undefined {
    const record = this.#jobs.move(key, CANCELED, { message: 'the job is canceled' });
    if (record === undefined) return undefined;
    if (this.#isRunning(key)) this.#run?.child.kill('SIGKILL');
    else void this.#models.tidy(key.id);
    return record.body;
  }

  async deleteModel(id: string): Promise<void> {
    await this.#models.delete(id);
  }

  /** Ends all jobs of a tenant and deletes what they made; the store is the caller's. */
  async erase(tenant: string): Promise<void> {
    const own = this.#jobs.all().filter((job) => job.tenant === tenant);
    for (const { record } of own) {
      const key = { tenant, id: record.id };
      this.cancel(key);
      if (this.#isRunning(key)) await this.#run?.done;
      await this.#models.erase(record.id);
    }
  }

  /** Leaves jobs where they are, to be gone on with after a start. */
  async close(): Promise<void> {
    this.#isClosing = true;
    const { root, isTemporary } = this.#options;
    const run = this.#run;
    if (run !== undefined) {
      this.#command({ kind: 'stop' });
      const timer = setTimeout(() => run.child.kill('SIGKILL'), isTemporary ? 0 : STOP_MS);
      await run.done;
      clearTimeout(timer);
    }
    if (isTemporary) await rm(root, { recursive: true, force: true });
  }

  #isRunning({ id }: JobKey): boolean {
    return this.#run?.key.id === id;
  }

  #command(command: FineTuneCommand): void {
    const child = this.#run?.child;
    // One that ends meanwhile needs to be told nothing.
    if (child?.connected === true) child.send(command, () => undefined);
  }

  /** Begins with the next job, unless one is under way. */
  #next(): void {
    if (this.#run !== undefined || this.#isClosing) return;
    const key = this.#waiting.shift();
    if (key === undefined) return;
    const message = 'the files are being validated';
    const record = this.#jobs.move(key, 'validating_files', { message });
    // It was paused or canceled while it waited.
    if (record === undefined) return this.#next();
    const child = startFineTune();
    const done = this.#work(key, record, child).finally(() => {
      this.#run = undefined;
      this.#next();
    });
    this.#run = { key, child, done };
  }

  /** A job's process from its start to its end. Never throws. */
  async #work(key: JobKey, { body }: JobRecord, child: ChildProcess): Promise<void> {
    const { logger } = this.#options;
    const use = { jobs: this.#jobs, models: this.#models, key };
    const progress = new JobProgress(this.#services, use);
    const exited = new Promise<void>((resolve) => child.once('close', () => resolve()));
    let outcome: FineTuneEvent | undefined;
    child.on('error', (error) => logger.error({ error, job: key.id }, 'fine-tuning'));
    child.on('message', (event: FineTuneEvent) => {
      if (event.kind === 'ready' || event.kind === 'step' || event.kind === 'checkpoint') {
        attempt(() => progress.told(event));
      } else outcome = event;
    });
    try {
      await this.#feed(child, key.tenant, body);
    } catch (error) {
      // A process that is gone says so by its end.
      const { code, message } = toApiError(error);
      if (child.connected) outcome = { kind: 'failed', code, message };
      child.kill('SIGKILL');
    }
    await exited;
    const isAgain = await this.#end(() => progress.ended(outcome));
    if (isAgain && !this.#isClosing) this.#waiting.push(key);
  }

  /** What cannot be stored, as on a full disk, is tried again; after a start it is told anew. */
  async #end(write: () => Promise<boolean>): Promise<boolean> {
    while (!this.#isClosing) {
      try {
        return await write();
      } catch {
        await sleep(RETRY_MS);
      }
    }
    return false;
  }

  /** Tells a process what to do, its files piece by piece. Throws: ApiError. */
  async #feed(child: ChildProcess, tenant: string, body: JobBody): Promise<void> {
    const { store, models } = this.#services;
    const { training } = models.find(body.model, { tenant }).spec;
    const send = (command: FineTuneCommand): Promise<void> =>
      new Promise((resolve, reject) => {
        child.send(command, (error) => (error ? reject(error) : resolve()));
      });
    for (const file of ['training_file', 'validation_file'] as const) {
      const { [file]: owner } = body;
      if (owner === null) continue;
      getFile(store, tenant, owner);
      for (const bytes of store.blobs.chunks({ tenant, owner })) {
        await send({ kind: 'data', file, bytes });
      }
    }
    const { n_epochs, batch_size, learning_rate_multiplier, lora_rank } = body.hyperparameters;
    const { method } = body;
    const dpo = method.type === 'dpo' ? method.dpo.hyperparameters : undefined;
    await send({
      kind: 'begin',
      order: {
        ...{ model: training?.path ?? '', modelsFolder: training?.modelsFolder },
        ...{ folder: this.#models.folderOf(body.id), seed: body.seed, loraRank: lora_rank },
        ...{ threads: this.#options.threads, checkpointMs: CHECKPOINT_MS },
        epochs: given(n_epochs),
        batch: given(batch_size),
        rateMultiplier: given(learning_rate_multiplier),
        preference: dpo && { beta: given(dpo.beta) },
      },
    });
  }
}

function given(value: number | 'auto'): number | undefined {
  return value === 'auto' ? undefined : value;
}

/** An event that has no room in the store is lost; the job goes on. */
function attempt(write: () => void): void {
  try {
    write();
  } catch {
    // as on a full disk
  }
}
