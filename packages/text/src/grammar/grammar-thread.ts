/**
 * A thread that makes grammars out of formats, off every other thread, with limits on time and
 * memory; what was made is kept by its text, up to a number of bytes.
 *
 * One format at a time. Equal formats that come together are made once; refusals are kept, too. A
 * thread that passes a limit is ended, and the next format starts another.
 */
import { Worker } from 'node:worker_threads';
import { reasonOf, WaferError } from '@wafer/core';
import type { TokenBytes } from '../tokenizer/token-bytes.ts';
import type { FormatSource } from './answer-format.ts';
import type { GrammarAnswer, GrammarWork } from './grammar-work.ts';
import type { GrammarProgram } from './program.ts';
import type { TokenTrie } from './run/token-trie.ts';

export interface GrammarThreadLimits {
  timeMaxMs: number;
  memoryMaxMib: number;
  /** Of programs and their texts that are kept. */
  keptBytesMax: number;
}

export const GRAMMAR_THREAD_LIMITS: Readonly<GrammarThreadLimits> = Object.freeze({
  timeMaxMs: 10_000,
  memoryMaxMib: 512,
  keptBytesMax: 64 * 2 ** 20,
});

/** A format that can be run. */
export interface Grammar {
  /** Equal for equal formats. */
  key: string;
  program: GrammarProgram;
  trie: TokenTrie;
}

interface Kept {
  program: Promise<GrammarProgram>;
  bytes: number;
}

const ENTRY_BYTES = 256;

export class GrammarThread {
  readonly #entry: URL;
  readonly #limits: GrammarThreadLimits;
  readonly #tokenBytes: () => TokenBytes;
  /** By kind and text, least recently used first. */
  readonly #kept = new Map<string, Kept>();
  #keptBytes = 0;
  #trie: Promise<TokenTrie> | undefined;
  #worker: Worker | undefined;
  #last: Promise<unknown> = Promise.resolve();
  #isClosed = false;

  /** `entry` is `grammar-worker.ts`, or a bundle of it; bytes of tokens are asked for once. */
  constructor(entry: URL, tokenBytes: () => TokenBytes, limits: Partial<GrammarThreadLimits> = {}) {
    this.#entry = entry;
    this.#tokenBytes = tokenBytes;
    this.#limits = { ...GRAMMAR_THREAD_LIMITS, ...limits };
  }

  /** Bytes of what is kept, about. */
  get keptBytes(): number {
    return this.#keptBytes;
  }

  /** Makes a grammar, or finds it. Throws: GRAMMAR_*, HOST_REFUSED, WAFER_CLOSED. */
  async make(source: FormatSource): Promise<Grammar> {
    if (this.#isClosed) throw new WaferError('WAFER_CLOSED');
    const key = `${source.kind} ${source.text}`;
    this.#trie ??= this.#makeTrie();
    const kept = this.#kept.get(key) ?? this.#make(key, source);
    this.#kept.delete(key);
    this.#kept.set(key, kept);
    const [program, trie] = await Promise.all([kept.program, this.#trie]);
    return { key, program, trie };
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#end();
  }

  #make(key: string, source: FormatSource): Kept {
    const program = this.#turn({ kind: 'format', source }).then((answer) => {
      if (answer.kind === 'program') return answer.program;
      throw new WaferError('HOST_REFUSED', unexpected(answer.kind));
    });
    const kept: Kept = { program, bytes: key.length * 2 + ENTRY_BYTES };
    this.#keptBytes += kept.bytes;
    program.then(
      ({ bytes }) => this.#grow(key, kept, bytes),
      (error: unknown) => {
        // What failed for want of a host may go well the next time.
        const isLasting = error instanceof WaferError && error.code.startsWith('GRAMMAR_');
        if (!isLasting) this.#forget(key, kept);
        else this.#grow(key, kept, 0);
      },
    );
    return kept;
  }

  /** Counts what was made, and lets go of what was not used for longest. */
  #grow(key: string, kept: Kept, bytes: number): void {
    if (this.#kept.get(key) !== kept) return;
    kept.bytes += bytes;
    this.#keptBytes += bytes;
    for (const [oldKey, old] of this.#kept) {
      if (this.#keptBytes <= this.#limits.keptBytesMax) return;
      this.#forget(oldKey, old);
    }
  }

  #forget(key: string, kept: Kept): void {
    if (this.#kept.get(key) !== kept) return;
    this.#kept.delete(key);
    this.#keptBytes -= kept.bytes;
  }

  async #makeTrie(): Promise<TokenTrie> {
    try {
      const answer = await this.#turn({ kind: 'trie', tokenBytes: this.#tokenBytes() });
      if (answer.kind === 'trie') return answer.trie;
      throw new WaferError('HOST_REFUSED', unexpected(answer.kind));
    } catch (error) {
      this.#trie = undefined;
      throw error;
    }
  }

  #turn(work: GrammarWork): Promise<GrammarAnswer> {
    const turn = this.#last.then(() => this.#run(work));
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  async #run(work: GrammarWork): Promise<GrammarAnswer> {
    if (this.#isClosed) throw new WaferError('WAFER_CLOSED');
    const { timeMaxMs, memoryMaxMib } = this.#limits;
    const worker = (this.#worker ??= this.#start());
    const { promise, resolve, reject } = Promise.withResolvers<GrammarAnswer>();
    let timer: NodeJS.Timeout | undefined;
    let isUnfit = false;
    const fail = (error: WaferError): void => {
      isUnfit = true;
      reject(error);
    };
    const limit = (name: string, allowed: string): WaferError =>
      new WaferError('GRAMMAR_LIMIT', { limit: name, allowed });
    const onMessage = (answer: GrammarAnswer): void => {
      if (answer.kind !== 'started') return resolve(answer);
      const late = (): void => fail(limit('the time it may take', `${timeMaxMs} ms`));
      // An answer that waits already, as this thread was busy, goes first.
      timer = setTimeout(() => setImmediate(late), timeMaxMs);
    };
    const onError = (error: Error & { code?: string }): void => {
      const isMemory = error.code === 'ERR_WORKER_OUT_OF_MEMORY';
      if (isMemory) fail(limit('the memory it may take', `${memoryMaxMib} MiB`));
      else fail(new WaferError('HOST_REFUSED', unexpected(reasonOf(error))));
    };
    const onExit = (): void => fail(new WaferError('HOST_REFUSED', unexpected('its thread ended')));
    worker.on('message', onMessage).on('error', onError).on('exit', onExit);
    worker.ref();
    worker.postMessage(work);
    try {
      const answer = await promise;
      if (this.#isClosed) throw new WaferError('WAFER_CLOSED');
      if (answer.kind === 'refused') throw new WaferError(answer.code, answer.details);
      return answer;
    } finally {
      clearTimeout(timer);
      worker.off('message', onMessage).off('exit', onExit);
      worker.unref();
      // The listener for errors stays with a thread that is ended: a late error is nobody's.
      if (isUnfit) await this.#end();
      else worker.off('error', onError);
    }
  }

  #start(): Worker {
    return new Worker(this.#entry, {
      env: {},
      resourceLimits: {
        maxOldGenerationSizeMb: this.#limits.memoryMaxMib,
        maxYoungGenerationSizeMb: 64,
      },
    });
  }

  async #end(): Promise<void> {
    const worker = this.#worker;
    this.#worker = undefined;
    await worker?.terminate();
  }
}

function unexpected(reason: string): Record<string, unknown> {
  const hint = 'give the process more memory, or a simpler format';
  return { what: 'make a grammar in a thread', reason, hint };
}
