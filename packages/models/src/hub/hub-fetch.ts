/**
 * `fetch` towards a hub, with every failure told apart: no access, gone, busy, cut, silent.
 *
 * The hub's token goes to its own origin only. Answers are bounded in size, redirects in number,
 * silence in time. What may pass by waiting (cut connections, 429, 5xx) is tried again, after
 * Retry-After where the hub asks for it.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { WaferError } from '@wafer/core';

export interface HubOptions {
  /** Origin and maybe a path, without a slash at the end. */
  endpoint: string;
  token: string | undefined;
  /** Without this many milliseconds of bytes, a connection counts as lost. */
  silenceMs: number;
  /** Failures in a row before giving up. */
  retries: number;
  signal: AbortSignal;
  /** What leads to the endpoint, for the words of a failure. */
  proxy?: string | undefined;
  /** Told of waits that a person notices. */
  onWait(reason: string, seconds: number): void;
}

/** A failure that may pass. */
export class Passing extends Error {
  override readonly name = 'Passing';
  /** Asked for by the hub. */
  readonly waitMs: number | undefined;
  /** Whether nobody was reached at all. */
  readonly isUnreachable: boolean;

  constructor(reason: string, more: { waitMs?: number; isUnreachable?: boolean } = {}) {
    super(reason);
    this.waitMs = more.waitMs;
    this.isUnreachable = more.isUnreachable ?? false;
  }
}

/** Longest answer of the API; a page of 1,000 files has about 300 kB. */
const ANSWER_BYTES_MAX = 32 * 2 ** 20;
const WAIT_MS_MIN = 250;
const WAIT_MS_MAX = 8000;
/** Longest wait that a hub may ask for. */
const ASKED_MS_MAX = 300_000;
const NOTICED_MS = 2000;

const UNREACHABLE = new Set([
  'ENOTFOUND',
  'EAI_AGAIN',
  'ECONNREFUSED',
  'ENETUNREACH',
  'EHOSTUNREACH',
]);

export class Hub {
  readonly options: HubOptions;
  #isReached = false;

  constructor(options: HubOptions) {
    this.options = options;
  }

  /** A `fetch` for small answers of the API, which retries. */
  readonly fetch: typeof fetch = async (input, init) => {
    const url = input instanceof Request ? input.url : String(input);
    return this.retrying(async () => {
      const watch = this.watch();
      try {
        const response = await this.open(url, init, watch.signal);
        const bytes = await readBounded(
          response,
          (count) => watch.note(count),
          this.options.endpoint,
        );
        const { status, headers } = response;
        const kept = new Headers(headers);
        // The bytes are decoded already.
        kept.delete('content-encoding');
        return new Response(status === 204 ? null : bytes, { status, headers: kept });
      } catch (error) {
        throw this.failure(error, watch.reason);
      } finally {
        watch.close();
      }
    });
  };

  /** Sends one request. Throws: PULL_*, Passing, and what `fetch` throws. */
  async open(url: string, init: RequestInit | undefined, signal: AbortSignal): Promise<Response> {
    const { endpoint, token } = this.options;
    const headers = new Headers(init?.headers);
    headers.delete('authorization');
    const isOwn = URL.canParse(url) && new URL(url).origin === new URL(endpoint).origin;
    if (token !== undefined && isOwn) headers.set('authorization', `Bearer ${token}`);
    const response = await fetch(url, { ...init, headers, signal, ...http1() });
    this.#isReached = true;
    if (response.ok) return response;
    void response.body?.cancel().catch(() => undefined);
    throw this.#refusal(response);
  }

  /** What an error of `fetch` or of a body means. */
  failure(error: unknown, silence: Passing | undefined): unknown {
    const { endpoint, signal } = this.options;
    if (signal.aborted) return signal.reason;
    if (silence !== undefined) return silence;
    if (error instanceof WaferError || error instanceof Passing) return error;
    const cause = Error.isError(error) && Error.isError(error.cause) ? error.cause : error;
    const reason = Error.isError(cause) ? cause.message : String(cause);
    const code = Error.isError(cause) && 'code' in cause ? String(cause.code) : '';
    if (/redirect/.test(reason)) {
      return new WaferError('PULL_ANSWER', { endpoint, reason: 'it redirects without end' });
    }
    // An address that cannot be used at all does not get better by waiting.
    if (/invalid url|scheme|bad port/i.test(reason)) {
      return new WaferError('PULL_ANSWER', { endpoint, reason });
    }
    return new Passing(code === '' ? reason : `${reason} (${code})`, {
      isUnreachable: UNREACHABLE.has(code),
    });
  }

  /**
   * Tries until it works. `hasProgress` tells whether the failed attempt brought something on.
   * Throws: PULL_CONNECTION after too many failures in a row, and what does not pass.
   */
  async retrying<Result>(
    attempt: () => Promise<Result>,
    hasProgress: () => boolean = () => false,
  ): Promise<Result> {
    const { endpoint, proxy, retries, signal, onWait } = this.options;
    for (let failures = 1; ; failures++) {
      try {
        return await attempt();
      } catch (error) {
        if (!(error instanceof Passing)) throw error;
        if (hasProgress()) failures = 1;
        const isHopeless = error.isUnreachable && !this.#isReached;
        if (failures > retries || isHopeless) {
          const way = proxy === undefined ? '' : `, by way of the proxy ${proxy}`;
          throw new WaferError('PULL_CONNECTION', { endpoint, reason: error.message + way });
        }
        const waitMs = error.waitMs ?? Math.min(WAIT_MS_MAX, WAIT_MS_MIN * 2 ** (failures - 1));
        if (waitMs >= NOTICED_MS) onWait(error.message, Math.ceil(waitMs / 1000));
        await sleep(waitMs, undefined, { signal }).catch(() => signal.throwIfAborted());
      }
    }
  }

  /** Aborts when bytes stay away: fewer than `BYTES_MIN` in a span of `silenceMs`. */
  watch(): Watch {
    return new Watch(this.options.silenceMs, this.options.signal);
  }

  #refusal(response: Response): Error {
    const { endpoint } = this.options;
    const { status, headers } = response;
    const what = plainText(new URL(response.url).pathname);
    if (status === 401 || status === 403) {
      const said = headers.get('x-error-message') ?? headers.get('x-error-code') ?? '';
      const reason = plainText(`${status} ${said}`.trim());
      return new WaferError('PULL_ACCESS', { endpoint, what, reason });
    }
    if (status === 404 || status === 410) {
      return new WaferError('PULL_NOT_FOUND', { endpoint, what });
    }
    if (status === 429 || status === 408 || status >= 500) {
      const waitMs = retryAfterMs(headers.get('retry-after'));
      const reason = status === 429 ? 'it asks for fewer requests (429)' : `it answers ${status}`;
      return new Passing(reason, waitMs === undefined ? {} : { waitMs });
    }
    return new WaferError('PULL_ANSWER', { endpoint, reason: `${what} answers ${status}` });
  }
}

/** Less than this in a whole span of silence is silence. */
const BYTES_MIN = 1024;

/** Watches one connection. */
class Watch {
  readonly signal: AbortSignal;
  #count = 0;
  #reason: Passing | undefined;
  readonly #timer: NodeJS.Timeout;

  constructor(silenceMs: number, outer: AbortSignal) {
    const controller = new AbortController();
    this.signal = AbortSignal.any([controller.signal, outer]);
    this.#timer = setInterval(() => {
      if (this.#count < BYTES_MIN) {
        this.#reason = new Passing(`nothing came for ${silenceMs / 1000} s`);
        controller.abort(this.#reason);
      }
      this.#count = 0;
    }, silenceMs);
  }

  note(byteCount: number): void {
    this.#count += byteCount;
  }

  /** Why it was aborted, if it was for silence. */
  get reason(): Passing | undefined {
    return this.#reason;
  }

  close(): void {
    clearInterval(this.#timer);
  }
}

/** Reads an answer of the API whole. Throws: PULL_ANSWER. */
async function readBounded(
  response: Response,
  onChunk: (byteCount: number) => void,
  endpoint: string,
): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let byteCount = 0;
  for await (const chunk of response.body ?? []) {
    onChunk(chunk.length);
    byteCount += chunk.length;
    if (byteCount > ANSWER_BYTES_MAX) {
      const reason = `it is longer than ${ANSWER_BYTES_MAX} bytes`;
      throw new WaferError('PULL_ANSWER', { endpoint, reason });
    }
    chunks.push(chunk);
  }
  return new Uint8Array(Buffer.concat(chunks));
}

const TEXT_LENGTH_MAX = 300;

/** Text of a hub for a terminal: short, and without what terminals obey. */
export function plainText(text: string): string {
  // oxlint-disable-next-line no-control-regex
  return text.replace(/[\u0000-\u001f\u007f-\u009f]/g, '\ufffd').slice(0, TEXT_LENGTH_MAX);
}

function retryAfterMs(text: string | null): number | undefined {
  if (text === null) return undefined;
  const ms = /^\d{1,9}$/.test(text) ? Number(text) * 1000 : Date.parse(text) - Date.now();
  return Number.isFinite(ms) ? Math.min(ASKED_MS_MAX, Math.max(0, ms)) : undefined;
}

interface Dispatcher {
  dispatch(options: object, handler: unknown): boolean;
}

/**
 * From Node 26 on, `fetch` speaks HTTP/2 where it can, with windows so small that a distant hub
 * delivers a few MB/s; HTTP/1.1 has no such limit. Nothing is changed where undici is not found.
 */
function http1(): object {
  const key = Symbol.for('undici.globalDispatcher.2');
  const base = (globalThis as Record<symbol, unknown>)[key] as Dispatcher | undefined;
  if (typeof base?.dispatch !== 'function') return {};
  const dispatcher: Dispatcher = {
    dispatch: (options, handler) => base.dispatch({ ...options, allowH2: false }, handler),
  };
  return { dispatcher };
}
