/**
 * Organizations and their projects: whose weight and limits a caller has.
 *
 *     organization ─ projects ─ keys        a project is a tenant: what is stored and cached is its
 *
 * A tenant that nobody registered is a project of its own name, in an organization of that name.
 */
import type { Caller } from '../http/keys.ts';
import type { Store } from '../store/store.ts';
import type { Limits, LimitSubject } from '../usage/limits.ts';
import { appendAudit } from './audit-log.ts';

export interface OrganizationRecord {
  id: string;
  object: 'organization';
  name: string;
  limits: Limits;
}

export interface ProjectRecord {
  id: string;
  object: 'project';
  organization: string;
  name: string;
  /** Share of the machine among projects that wait. */
  weight: number;
  limits: Limits;
}

type DirectoryRecord = OrganizationRecord | ProjectRecord;

/** Nobody's tenant: names of tenants have no @. */
const SYSTEM = '@directory';

export class Directory {
  readonly #store: Store;
  readonly #nowSeconds: () => number;

  constructor(store: Store, nowSeconds: () => number) {
    this.#store = store;
    this.#nowSeconds = nowSeconds;
  }

  /** Writes a record, new or in place of the one of that id. */
  put(record: DirectoryRecord, by: string): void {
    this.#store.transaction(() => {
      this.#store.documents.put(keyOf(record.object, record.id), record);
      this.#audit({ action: `${record.object}.put`, by, id: record.id, limits: record.limits });
    });
  }

  /** The record of an id; undefined if there is none. */
  get<Kind extends DirectoryRecord['object']>(
    kind: Kind,
    id: string,
  ): Extract<DirectoryRecord, { object: Kind }> | undefined {
    return this.#store.documents.get(keyOf(kind, id));
  }

  list<Kind extends DirectoryRecord['object']>(
    kind: Kind,
  ): Extract<DirectoryRecord, { object: Kind }>[] {
    type Body = Extract<DirectoryRecord, { object: Kind }>;
    return this.#store.documents.all<Body>(kind).map(({ body }) => body);
  }

  /** Whether there was one. */
  delete(kind: DirectoryRecord['object'], id: string, by: string): boolean {
    return this.#store.transaction(() => {
      const isDeleted = this.#store.documents.delete(keyOf(kind, id));
      if (isDeleted) this.#audit({ action: `${kind}.delete`, by, id });
      return isDeleted;
    });
  }

  /** A caller with the weight, the organization and the limits that apply to it. */
  complete(caller: Caller): Caller {
    const { tenant, keyId } = caller;
    const project = this.get('project', tenant);
    const organizationId = project?.organization ?? tenant;
    const organization = this.get('organization', organizationId);
    const subjects: LimitSubject[] = [...(caller.subjects ?? [])];
    if (project) subjects.push({ kind: 'project', id: tenant, limits: project.limits });
    if (organization) {
      subjects.push({ kind: 'organization', id: organizationId, limits: organization.limits });
    }
    const weight = project?.weight ?? caller.weight;
    return { ...caller, keyId, weight, organization: organizationId, subjects };
  }

  #audit(what: object): void {
    appendAudit(this.#store.db, this.#nowSeconds(), what);
  }
}

function keyOf(kind: string, id: string): { tenant: string; kind: string; id: string } {
  return { tenant: SYSTEM, kind, id };
}
