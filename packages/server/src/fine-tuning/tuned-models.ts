/**
 * Models that jobs made: folders of their own, served to their tenant like any other model.
 *
 *     ROOT/ftjob-…/model, models/step-N ─▶ ft:BASE:SUFFIX:ID, …:ckpt-step-N on the shelf
 *
 * What lies there is what is served: a folder that is gone is a model that was deleted.
 */
import { existsSync, readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { openModel } from '@wafer/runtime';
import { RESULT_PATH, stepModelPath } from '@wafer/train';
import type { Logger } from 'pino';
import type { ModelRegistry } from '../models/model-shelf.ts';
import type { GuestSpec } from '../models/lodging.ts';
import { stepName } from './job-record.ts';
import type { JobRecord } from './job-record.ts';
import { tunedGuest } from './tuned-guest.ts';

export class TunedModels {
  readonly #models: ModelRegistry;
  readonly #root: string;
  readonly #logger: Logger;
  /** Where the models lie that are on the shelf, by their ids. */
  readonly #paths = new Map<string, string>();

  constructor(models: ModelRegistry, root: string, logger: Logger) {
    this.#models = models;
    this.#root = root;
    this.#logger = logger;
  }

  /** The folder of a job. */
  folderOf(jobId: string): string {
    return join(this.#root, jobId);
  }

  /** Puts what a job has made on the shelf, and takes away what is there no more. */
  async show(tenant: string, record: JobRecord): Promise<void> {
    const { tunedName, body } = record;
    const folder = this.folderOf(record.id);
    const wanted = new Map<string, string>();
    const result = join(folder, RESULT_PATH);
    if (body.fine_tuned_model !== null && existsSync(result)) wanted.set(tunedName, result);
    for (const step of stepsIn(join(folder, 'models'))) {
      wanted.set(stepName(record, step), join(folder, stepModelPath(step)));
    }
    for (const [id, path] of wanted) this.#add(id, { tenant, record, path });
    const isOld = ([id, path]: [string, string]): boolean =>
      path.startsWith(`${folder}/`) && !wanted.has(id);
    for (const [id] of [...this.#paths].filter(isOld)) await this.#remove(id);
  }

  #add(id: string, use: { tenant: string; record: JobRecord; path: string }): void {
    const { tenant, record, path } = use;
    const base = this.#models.entries.find(({ spec }) => spec.id === record.base)?.spec;
    const training = base?.training;
    // Its base may be served by another start of the server, and it with it.
    if (base === undefined || training === undefined || this.#paths.has(id)) return;
    const { idleMs, restarts, gate } = base;
    this.#paths.set(id, path);
    this.#models.add({
      ...{ id, owner: tenant, createdAt: record.body.created_at, isPinned: false },
      ...{ idleMs, restarts, gate },
      start: async () => training.start(await openModel(path)),
      guest: this.#guestOf(id, { record, path }),
      training: { base: record.base, path, start: training.start },
    });
  }

  /** What was trained from the base itself may go through a slot of its wafer. */
  #guestOf(id: string, use: { record: JobRecord; path: string }): GuestSpec | undefined {
    const { record, path } = use;
    if (record.body.model !== record.base) return undefined;
    const logger = this.#logger;
    return tunedGuest({ id, host: record.base, path, folder: this.folderOf(record.id), logger });
  }

  async #remove(id: string): Promise<void> {
    this.#paths.delete(id);
    await this.#models.remove(id);
  }

  /** Deletes a model, its files with it. */
  async delete(id: string): Promise<void> {
    const path = this.#paths.get(id);
    await this.#remove(id);
    if (path !== undefined) await rm(path, { recursive: true, force: true });
  }

  /** Deletes all that a job has made and worked with. */
  async erase(jobId: string): Promise<void> {
    const folder = this.folderOf(jobId);
    const own = [...this.#paths].filter(([, path]) => path.startsWith(`${folder}/`));
    for (const [id] of own) await this.#remove(id);
    await rm(folder, { recursive: true, force: true });
  }

  /** Deletes what only a job under way needs. */
  async tidy(jobId: string): Promise<void> {
    for (const name of ['base', 'base.partial', 'checkpoints']) {
      await rm(join(this.folderOf(jobId), name), { recursive: true, force: true });
    }
  }
}

function stepsIn(folder: string): number[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder).flatMap((name) => {
    const [, step] = /^step-(\d+)$/.exec(name) ?? [];
    return step === undefined ? [] : [Number(step)];
  });
}
