/**
 * A hub on this machine: a real HTTP server that speaks what `wafer pull` asks of one, with the
 * faults that a network has.
 *
 *     /api/models/ORG/NAME/revision/REV      commit
 *     /api/models/ORG/NAME/tree/COMMIT       files, in pages
 *     /ORG/NAME/resolve/COMMIT/FILE          redirect to another origin for large files
 *     /lfs/…                                 bytes, by ranges
 */
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What goes wrong with an answer; taken from the list of faults, one per request of its kind. */
export type HubFault =
  | { kind: 'cut'; afterBytes: number }
  | { kind: 'status'; status: number; headers?: Record<string, string> }
  | { kind: 'wrongByte' }
  | { kind: 'drip' }
  | { kind: 'loop' }
  | { kind: 'ignoreRange' }
  | { kind: 'endless' };

export interface ListedEntry {
  type: 'file' | 'directory';
  path: string;
  size: number;
  oid: string;
  lfs?: { oid: string; size: number; pointerSize: number };
}

/** Files from here on are stored apart, as on a real hub. */
const LFS_BYTES = 10_000;
const PAGE_ENTRIES = 2;
export const COMMIT: string = 'c0ffee'.padEnd(40, '0');
const MODEL = 'org/model';

export class HubServer {
  /** What is served, by path; a test may change it. */
  readonly files = new Map<string, Uint8Array>();
  /** Entries that are listed beside the files. */
  readonly listed: ListedEntry[] = [];
  /** Faults of downloads, in the order of requests; after them all is well. */
  readonly faults: HubFault[] = [];
  /** Faults of the API. */
  readonly apiFaults: HubFault[] = [];
  /** `METHOD URL range` of every request. */
  readonly requests: string[] = [];
  /** Token of every request that had one, by port. */
  readonly tokens: { isStorage: boolean; token: string }[] = [];
  /** Without this token: 401. */
  token: string | undefined;
  isEndless = false;
  /** The newest commit; its content is whatever `files` holds. */
  commit = COMMIT;
  readonly #api: Server = createServer((request, response) => this.#answer(request, response));
  readonly #storage: Server = createServer((request, response) => this.#store(request, response));

  async start(): Promise<this> {
    for (const server of [this.#api, this.#storage]) {
      await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    }
    return this;
  }

  get endpoint(): string {
    return `http://127.0.0.1:${(this.#api.address() as AddressInfo).port}`;
  }

  close(): void {
    for (const server of [this.#api, this.#storage]) {
      server.closeAllConnections();
      server.close();
    }
  }

  /** Requests for the bytes of large files. */
  get downloads(): string[] {
    return this.requests.filter((line) => line.includes('/lfs/'));
  }

  // ---- the API

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? '/', this.endpoint);
    this.#note(request, false);
    if (this.token !== undefined && request.headers.authorization !== `Bearer ${this.token}`) {
      const headers = { 'x-error-code': 'GatedRepo', 'x-error-message': 'Access is restricted.' };
      return end(response, 401, headers, 'no');
    }
    const isApi = url.pathname.startsWith('/api/');
    const fault = isApi ? this.apiFaults.shift() : undefined;
    if (fault?.kind === 'status') return end(response, fault.status, fault.headers ?? {}, 'no');
    if (fault?.kind === 'loop') return end(response, 302, { location: url.href }, '');
    if (url.pathname.startsWith(`/api/models/${MODEL}/revision/`)) {
      const known = ['HEAD', 'main', 'v1', this.commit];
      if (!known.includes(url.pathname.split('/').at(-1) ?? '')) return missing(response);
      return json(response, { _id: '1', id: MODEL, sha: this.commit, lastModified: '2026-01-01' });
    }
    if (url.pathname === `/api/models/${MODEL}/tree/${this.commit}`)
      return this.#list(url, response);
    const prefix = `/${MODEL}/resolve/${this.commit}/`;
    if (!url.pathname.startsWith(prefix)) return missing(response);
    this.#resolve(decodeURIComponent(url.pathname.slice(prefix.length)), request, response);
  }

  #list(url: URL, response: ServerResponse): void {
    const entries = [
      ...[...this.files].map(([path, bytes]) => entryOf(path, bytes)),
      ...this.listed,
    ];
    const from = Number(url.searchParams.get('cursor') ?? 0);
    const to = from + PAGE_ENTRIES;
    const hasMore = this.isEndless || to < entries.length;
    if (this.isEndless) url.searchParams.set('again', `${from}`);
    url.searchParams.set('cursor', this.isEndless ? `${entries.length + to}` : `${to}`);
    const headers = hasMore ? { link: `<${url.href}>; rel="next"` } : {};
    json(response, entries.slice(from, to), headers);
  }

  #resolve(path: string, request: IncomingMessage, response: ServerResponse): void {
    const bytes = this.files.get(path);
    if (bytes === undefined) return missing(response);
    if (bytes.length < LFS_BYTES) return send(request, response, bytes);
    const { port } = this.#storage.address() as AddressInfo;
    const location = `http://localhost:${port}/lfs/${encodeURIComponent(path)}`;
    const etag = `"${createHash('sha256').update(bytes).digest('hex')}"`;
    const linked = { 'x-linked-etag': etag, 'x-linked-size': `${bytes.length}` };
    end(response, 302, { location, ...linked }, '');
  }

  // ---- the storage, another origin

  #store(request: IncomingMessage, response: ServerResponse): void {
    this.#note(request, true);
    const path = decodeURIComponent((request.url ?? '').slice('/lfs/'.length));
    const bytes = this.files.get(path);
    if (bytes === undefined) return missing(response);
    const fault = this.faults.shift();
    if (fault === undefined) return send(request, response, bytes);
    this.#fail(fault, bytes, { request, response });
  }

  #fail(
    fault: HubFault,
    bytes: Uint8Array,
    { request, response }: { request: IncomingMessage; response: ServerResponse },
  ): void {
    switch (fault.kind) {
      case 'cut': {
        const [status, headers, body] = ranged(request, bytes);
        response.writeHead(status, headers);
        response.write(body.subarray(0, fault.afterBytes), () => response.destroy());
        return;
      }
      case 'status':
        return end(response, fault.status, fault.headers ?? {}, 'no');
      case 'wrongByte': {
        const wrong = Uint8Array.from(bytes);
        wrong[wrong.length - 1]! ^= 1;
        return send(request, response, wrong);
      }
      case 'drip': {
        const [status, headers, body] = ranged(request, bytes);
        response.writeHead(status, headers);
        let at = 0;
        const timer = setInterval(() => response.write(body.subarray(at, ++at)), 50);
        response.on('close', () => clearInterval(timer));
        return;
      }
      case 'loop':
        return end(response, 302, { location: request.url ?? '/' }, '');
      case 'ignoreRange':
        return end(response, 200, {}, bytes);
      case 'endless': {
        response.writeHead(200, {});
        const more = (): void => {
          while (!response.destroyed && response.write(bytes));
        };
        response.on('drain', more);
        return more();
      }
    }
  }

  #note(request: IncomingMessage, isStorage: boolean): void {
    const { method, url, headers } = request;
    this.requests.push(`${method} ${url} ${headers.range ?? ''}`.trim());
    const { authorization } = headers;
    if (authorization !== undefined) this.tokens.push({ isStorage, token: authorization });
  }
}

function entryOf(path: string, bytes: Uint8Array): ListedEntry {
  const oid = createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
  const entry = { type: 'file' as const, path, size: bytes.length, oid };
  if (bytes.length < LFS_BYTES) return entry;
  const sha = createHash('sha256').update(bytes).digest('hex');
  return { ...entry, lfs: { oid: sha, size: bytes.length, pointerSize: 134 } };
}

type Ranged = [status: number, headers: Record<string, string>, body: Uint8Array];

function ranged(request: IncomingMessage, bytes: Uint8Array): Ranged {
  const [, from] = /^bytes=(\d+)-/.exec(request.headers.range ?? '') ?? [];
  if (from === undefined) return [200, { 'content-length': `${bytes.length}` }, bytes];
  const body = bytes.subarray(Number(from));
  const range = `bytes ${from}-${bytes.length - 1}/${bytes.length}`;
  return [206, { 'content-range': range, 'content-length': `${body.length}` }, body];
}

function send(request: IncomingMessage, response: ServerResponse, bytes: Uint8Array): void {
  end(response, ...ranged(request, bytes));
}

function json(
  response: ServerResponse,
  value: unknown,
  headers: Record<string, string> = {},
): void {
  end(response, 200, { 'content-type': 'application/json', ...headers }, JSON.stringify(value));
}

function missing(response: ServerResponse): void {
  end(response, 404, { 'x-error-code': 'EntryNotFound' }, 'not found');
}

function end(
  response: ServerResponse,
  status: number,
  headers: Record<string, string>,
  body: string | Uint8Array,
): void {
  response.writeHead(status, headers).end(body);
}
