/**
 * PyTorch as it trains the same network, in a process of its own: a `python3` that has `torch`.
 *
 * OpenBLAS and PyTorch's own kernels are told how wide their vectors are; jemalloc is loaded before
 * where it is there, as glibc gives every large tensor back at once. What cannot be had is an error
 * with the words of Python in it.
 */
import { spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { WaferError } from '@wafer/core';
import type { NewModelShape } from '@wafer/train';
import { PYTORCH_PROGRAM } from './pytorch-program.ts';

/** How wide the sums of matrices are. */
export const PYTORCH_VECTORS = ['256-bit', '512-bit'] as const;
export type PyTorchVectors = (typeof PYTORCH_VECTORS)[number];

const VECTOR_SETTINGS: Readonly<Record<PyTorchVectors, NodeJS.ProcessEnv>> = {
  '256-bit': { OPENBLAS_CORETYPE: 'Haswell', ATEN_CPU_CAPABILITY: 'avx2' },
  '512-bit': { OPENBLAS_CORETYPE: 'SkylakeX', ATEN_CPU_CAPABILITY: 'avx512' },
};

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
  vectors: PyTorchVectors;
  threads: number;
}

/** What the program says of itself, and of each turn. */
interface Answer {
  version?: string;
  ms?: number;
}

const STDERR_LENGTH_MAX = 2000;

export class PyTorch {
  readonly vectors: PyTorchVectors;
  readonly threads: number;
  /** Best step of each turn. */
  readonly ms: number[] = [];
  version = '';
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #lines: AsyncIterator<string>;
  #stderr = '';

  private constructor(task: PyTorchTask, { python, vectors, threads }: PyTorchUse) {
    this.vectors = vectors;
    this.threads = threads;
    const env = { ...process.env, ...SETTINGS, ...VECTOR_SETTINGS[vectors] };
    const shape = JSON.stringify({ ...task, threads });
    // A group of its own, as signals are ours to answer; it ends with its standard input.
    this.#process = spawn(python, ['-c', PYTORCH_PROGRAM, shape], {
      env: { ...env, OMP_NUM_THREADS: String(threads) },
      detached: true,
    });
    this.#process.on('error', (error) => (this.#stderr += error.message));
    this.#process.stdin.on('error', () => undefined); // its end is told by its output
    this.#process.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-STDERR_LENGTH_MAX);
    });
    this.#lines = createInterface({ input: this.#process.stdout })[Symbol.asyncIterator]();
  }

  /** Starts it, and trains its first steps. Throws: PEER_UNAVAILABLE. */
  static async open(task: PyTorchTask, use: PyTorchUse): Promise<PyTorch> {
    const peer = new PyTorch(task, use);
    const { version = '' } = await peer.#answer();
    peer.version = version;
    return peer;
  }

  /** Throws: PEER_UNAVAILABLE. */
  async turn(steps: number): Promise<void> {
    this.#process.stdin.write(`${steps}\n`);
    const { ms = 0 } = await this.#answer();
    this.ms.push(ms);
  }

  close(): void {
    this.#process.kill('SIGKILL');
  }

  async #answer(): Promise<Answer> {
    const { value, done } = await this.#lines.next();
    if (done) {
      const reason = this.#stderr.trim().split('\n').at(-1) ?? '';
      throw new WaferError('PEER_UNAVAILABLE', { peer: 'PyTorch', reason });
    }
    return JSON.parse(value) as Answer;
  }
}

/** The widths that this processor has; without a list of its features the first. */
export function widthsHere(): PyTorchVectors[] {
  return PYTORCH_VECTORS.filter((width) => width === '256-bit' || hasAvx512());
}

function hasAvx512(): boolean {
  try {
    return readFileSync('/proc/cpuinfo', 'utf8').includes('avx512f');
  } catch {
    return false;
  }
}
