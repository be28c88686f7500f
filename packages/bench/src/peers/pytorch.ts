/**
 * PyTorch as it trains the same network, in a process of its own: a `python3` that has `torch`.
 *
 * Libraries of sums are told how wide their vectors are, and a width is reported only where it is
 * known to be obeyed. Before them jemalloc is loaded where it is there, as glibc gives every large
 * tensor back at once. What cannot be had is an error with the words of Python in it.
 *
 * Source: Intel oneMKL developer guide, "Instruction Set Specific Dispatching".
 */
import { spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { arch, cpus } from 'node:os';
import { createInterface } from 'node:readline';
import { parseJsonObject, WaferError } from '@wafer/core';
import type { NewModelShape } from '@wafer/train';
import { PYTORCH_PROGRAM } from './pytorch-program.ts';

/** How wide the sums of matrices are. */
export const PYTORCH_VECTORS = ['256-bit', '512-bit'] as const;
export type PyTorchVectors = (typeof PYTORCH_VECTORS)[number];

/** Of OpenBLAS, MKL, oneDNN and PyTorch's own kernels. */
const VECTOR_SETTINGS = {
  '256-bit': {
    ...{ OPENBLAS_CORETYPE: 'Haswell', MKL_ENABLE_INSTRUCTIONS: 'AVX2' },
    ...{ ONEDNN_MAX_CPU_ISA: 'AVX2', ATEN_CPU_CAPABILITY: 'avx2' },
  },
  '512-bit': {
    ...{ OPENBLAS_CORETYPE: 'SkylakeX', MKL_ENABLE_INSTRUCTIONS: 'AVX512' },
    ...{ ONEDNN_MAX_CPU_ISA: 'AVX512_CORE', ATEN_CPU_CAPABILITY: 'avx512' },
  },
} as const;

const SETTINGS: NodeJS.ProcessEnv = {
  // Threads sleep while others have their turn.
  OMP_WAIT_POLICY: 'PASSIVE',
  LD_PRELOAD: 'libjemalloc.so.2',
  MALLOC_CONF: 'dirty_decay_ms:-1,muzzy_decay_ms:-1,oversize_threshold:0',
};

/** What is trained: a shape, and the rows of a step. */
export type PyTorchTask = NewModelShape & { rows: number };

export interface PyTorchUse {
  python: string;
  /** Null: as wide as its libraries like. */
  vectors: PyTorchVectors | null;
  threads: number;
  /** Ends the process at once. */
  signal: AbortSignal;
}

/** What sums matrices, and what it says of its kernels. */
export interface PyTorchLibrary {
  blas: string;
  kernels: string;
}

const STDERR_LENGTH_MAX = 2000;

export class PyTorch {
  readonly threads: number;
  /** Best step of each turn. */
  readonly ms: number[] = [];
  version = '';
  blas = '';
  /** Null where nothing says that the width was kept to. */
  vectors: PyTorchVectors | null = null;
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #signal: AbortSignal;
  readonly #lines: AsyncIterator<string>;
  /** Why it ended, once it has. */
  readonly #ended: Promise<string>;
  #stderr = '';

  private constructor(task: PyTorchTask, { python, vectors, threads, signal }: PyTorchUse) {
    this.threads = threads;
    this.#signal = signal;
    const env = { ...process.env, ...SETTINGS, ...(vectors && VECTOR_SETTINGS[vectors]) };
    const shape = JSON.stringify({ ...task, threads });
    // A group of its own, as signals are ours to answer; it ends with its standard input.
    this.#process = spawn(python, ['-c', PYTORCH_PROGRAM, shape], {
      env: { ...env, OMP_NUM_THREADS: String(threads) },
      ...{ detached: true, signal, killSignal: 'SIGKILL' },
    });
    this.#process.on('error', (error) => (this.#stderr += error.message));
    this.#process.stdin.on('error', () => undefined); // its end is told by its output
    this.#process.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-STDERR_LENGTH_MAX);
    });
    this.#ended = new Promise((resolve) => {
      this.#process.once('close', (code, by) => {
        const last = this.#stderr.trim().split('\n').at(-1);
        resolve(by === null ? last || `it ended with ${code}` : `it was ended by ${by}`);
      });
    });
    this.#lines = createInterface({ input: this.#process.stdout })[Symbol.asyncIterator]();
  }

  /** Starts it, and trains its first steps. Throws: PEER_UNAVAILABLE, the signal's reason. */
  static async open(task: PyTorchTask, use: PyTorchUse): Promise<PyTorch> {
    const peer = new PyTorch(task, use);
    try {
      const { version, blas, kernels } = await peer.#answer();
      if (![version, blas, kernels].every((value) => typeof value === 'string')) {
        throw unavailable('it does not say what it is');
      }
      const library = { blas: String(blas), kernels: String(kernels) };
      peer.version = String(version);
      peer.blas = library.blas;
      if (use.vectors !== null && isHeld(use.vectors, library)) peer.vectors = use.vectors;
      return peer;
    } catch (error) {
      peer.close();
      throw error;
    }
  }

  /** Throws: PEER_UNAVAILABLE, the signal's reason. */
  async turn(steps: number): Promise<void> {
    this.#process.stdin.write(`${steps}\n`);
    const { ms } = await this.#answer();
    if (typeof ms !== 'number' || !(ms > 0)) throw unavailable('it does not say how long it took');
    this.ms.push(ms);
  }

  close(): void {
    this.#process.kill('SIGKILL');
  }

  /** A line of its output. */
  async #answer(): Promise<Record<string, unknown>> {
    const { value, done } = await this.#lines.next();
    this.#signal.throwIfAborted();
    if (done) throw unavailable(await this.#ended);
    return parseJsonObject(value, () => unavailable(`it printed ${value}`));
  }
}

function unavailable(reason: string): WaferError {
  return new WaferError('PEER_UNAVAILABLE', { peer: 'PyTorch', reason });
}

/** Whether sums are known to be as wide as was asked: MKL obeys on processors of Intel's alone. */
export function isHeld(
  vectors: PyTorchVectors,
  { blas, kernels }: PyTorchLibrary,
  processor: string = cpus()[0]?.model ?? '',
): boolean {
  if (blas === 'MKL') return processor.includes('Intel');
  return kernels === VECTOR_SETTINGS[vectors].OPENBLAS_CORETYPE;
}

/** The widths that this processor can be held to; without a list of its features the first. */
export function widthsHere(): PyTorchVectors[] {
  if (arch() !== 'x64') return [];
  return PYTORCH_VECTORS.filter((width) => width === '256-bit' || hasAvx512());
}

function hasAvx512(): boolean {
  try {
    return readFileSync('/proc/cpuinfo', 'utf8').includes('avx512f');
  } catch {
    return false;
  }
}
