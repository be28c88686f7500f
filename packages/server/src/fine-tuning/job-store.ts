/**
 * Jobs in the store, with their events and checkpoints: each change of state and the event that
 * tells of it are written in one transaction.
 */
import { CANCELED } from '../http/wire-words.ts';
import type { ListOptions, Page } from '../store/documents.ts';
import type { Store } from '../store/store.ts';
import { canGo, JOB_KIND } from './job-record.ts';
import type { JobBody, JobRecord, JobStatus } from './job-record.ts';

/** Whose job, and which. */
export interface JobKey {
  tenant: string;
  id: string;
}

export interface JobEvent {
  id: string;
  object: 'fine_tuning.job.event';
  created_at: number;
  level: 'info' | 'warn' | 'error';
  message: string;
  type: 'message' | 'metrics';
  data?: Readonly<Record<string, unknown>>;
}

export interface JobCheckpoint {
  id: string;
  object: 'fine_tuning.job.checkpoint';
  created_at: number;
  fine_tuned_model_checkpoint: string;
  fine_tuning_job_id: string;
  step_number: number;
  metrics: { step: number; train_loss: number; full_valid_loss?: number };
}

/** What is told; the rest follows. */
export type Told = Pick<JobEvent, 'message'> & Partial<Pick<JobEvent, 'level' | 'type' | 'data'>>;

export interface JobStoreUse {
  store: Store;
  nowSeconds: () => number;
  newId: (prefix: string) => string;
}

const eventsOf = (id: string): string => `fine_tuning.event/${id}`;
const checkpointsOf = (id: string): string => `fine_tuning.checkpoint/${id}`;

export class JobStore {
  readonly #use: JobStoreUse;

  constructor(use: JobStoreUse) {
    this.#use = use;
  }

  add(tenant: string, record: JobRecord): void {
    this.#use.store.transaction(() => {
      this.#use.store.documents.put({ tenant, kind: JOB_KIND, id: record.id }, record);
      this.tell({ tenant, id: record.id }, { message: `the job ${record.id} was created` });
    });
  }

  get({ tenant, id }: JobKey): JobRecord | undefined {
    return this.#use.store.documents.get<JobRecord>({ tenant, kind: JOB_KIND, id });
  }

  list(tenant: string, options: ListOptions<JobRecord>): Page<JobRecord> {
    return this.#use.store.documents.list<JobRecord>({ tenant, kind: JOB_KIND }, options);
  }

  /** Those of all tenants, in order of arrival. */
  all(): { tenant: string; record: JobRecord }[] {
    const jobs = this.#use.store.documents.all<JobRecord>(JOB_KIND);
    return jobs.map(({ tenant, body }) => ({ tenant, record: body }));
  }

  /** Moves a job on and tells of it; undefined, and nothing is done, where it cannot go there. */
  move(
    key: JobKey,
    to: JobStatus,
    use: Told & { change?: (record: JobRecord) => Partial<JobBody> },
  ): JobRecord | undefined {
    const { store, nowSeconds } = this.#use;
    const { change, ...told } = use;
    return store.transaction(() => {
      const record = this.get(key);
      if (record === undefined || !canGo(record.body.status, to)) return undefined;
      const moved: JobRecord = {
        ...record,
        body: { ...record.body, status: to, estimated_finish: null, ...change?.(record) },
      };
      if (NEVER_MORE.has(to)) moved.body.finished_at = nowSeconds();
      store.documents.put({ ...key, kind: JOB_KIND }, moved);
      this.tell(key, told);
      return moved;
    });
  }

  /** Changes what is known of a job. */
  note(key: JobKey, change: (record: JobRecord) => JobRecord): void {
    this.#use.store.documents.update<JobRecord>({ ...key, kind: JOB_KIND }, change);
  }

  /** Adds an event. */
  tell({ tenant, id }: JobKey, { message, level = 'info', type = 'message', data }: Told): void {
    const { store, newId, nowSeconds } = this.#use;
    const event: JobEvent = {
      ...{ id: newId('ftevent'), object: 'fine_tuning.job.event', created_at: nowSeconds() },
      ...{ level, message, type, ...(data && { data }) },
    };
    store.documents.put({ tenant, kind: eventsOf(id), id: event.id }, event);
  }

  events({ tenant, id }: JobKey, options: ListOptions<JobEvent>): Page<JobEvent> {
    return this.#use.store.documents.list<JobEvent>({ tenant, kind: eventsOf(id) }, options);
  }

  /** Whether it is new; one of that step may have been told of before a crash. */
  addCheckpoint(
    { tenant, id }: JobKey,
    facts: Pick<JobCheckpoint, 'fine_tuned_model_checkpoint' | 'metrics'>,
  ): boolean {
    const { store, nowSeconds } = this.#use;
    const { step } = facts.metrics;
    const key = { tenant, kind: checkpointsOf(id), id: `ftckpt-${id.slice(-12)}-${step}` };
    if (store.documents.get(key) !== undefined) return false;
    store.documents.put(key, {
      ...{ id: key.id, object: 'fine_tuning.job.checkpoint', created_at: nowSeconds() },
      ...{ ...facts, fine_tuning_job_id: id, step_number: step },
    } satisfies JobCheckpoint);
    return true;
  }

  checkpoints({ tenant, id }: JobKey, options: ListOptions<JobCheckpoint>): Page<JobCheckpoint> {
    const of = { tenant, kind: checkpointsOf(id) };
    return this.#use.store.documents.list<JobCheckpoint>(of, options);
  }
}

const NEVER_MORE: ReadonlySet<JobStatus> = new Set<JobStatus>(['succeeded', 'failed', CANCELED]);
