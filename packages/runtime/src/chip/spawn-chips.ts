/**
 * Starts chip processes and keeps them: each is told its order by a message, and answers with its
 * address, or why it ends. The channel of these messages stays open as long as this process lives.
 */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { WaferError } from '@wafer/core';
import { isFileSocket } from '@wafer/fabric/links';
import type { LinkAddress, SocketKind } from '@wafer/fabric/links';
import { hostRefusal } from '../threads/host-error.ts';
import { workerExecArgv } from '../threads/thread-settings.ts';
import { isWithin } from '../threads/wait-limits.ts';
import { workerEntry } from '../worker-entry.ts';
import type { ChipAnswer, ChipOrder } from './chip-order.ts';

/** A chip process and where it listens. */
interface Child {
  process: ChildProcess;
  address: Promise<LinkAddress>;
  exit: Promise<void>;
}

/**
 * A chip that dies breaks the links of others, and one whose link to here breaks ends by itself:
 * what follows so waits so long for its cause.
 */
export const CAUSE_MS_MAX = 250;

/** How a chip's process ended: `isOwn` unless it did as the end of its link to here asks. */
export interface ChipExit {
  error: WaferError;
  isOwn: boolean;
}

export class ChipProcesses {
  /** Parent folder of all socket files, closed to others (mkdtemp makes it 0700). */
  readonly #folder: string | undefined;
  readonly #children: Child[];
  readonly #removeFolder = (): void => {
    if (this.#folder === undefined) return;
    try {
      rmSync(this.#folder, { recursive: true, force: true });
    } catch {
      // The system lets nobody look into it, for want of files; the last chip removes it.
    }
  };

  /** Starts all at once. `onExit` is told of every end. */
  constructor(parts: {
    count: number;
    kind: SocketKind;
    order: Omit<ChipOrder, 'listen'>;
    /** What each process runs; inference unless told. */
    program?: URL;
    onExit(exit: ChipExit): void;
  }) {
    const { count, kind, order, onExit } = parts;
    const program = fileURLToPath(parts.program ?? workerEntry('./chip/process'));
    this.#folder = isFileSocket(kind) ? makeFolder() : undefined;
    const listen = { kind, ...(this.#folder === undefined ? {} : { folder: this.#folder }) };
    process.once('exit', this.#removeFolder);
    this.#children = Array.from({ length: count }, (_, chip) =>
      startChip(chip, { program, order: { ...order, listen }, onExit }),
    );
  }

  /** Where the chips listen. Throws: CHIP_DIED. */
  addresses(): Promise<LinkAddress[]> {
    return Promise.all(this.#children.map(({ address }) => address));
  }

  /** Process ids, by chip. */
  get processIds(): number[] {
    return this.#children.map(({ process }) => process.pid ?? 0);
  }

  /**
   * Resolves when all processes are gone and their files removed. Those that do not end within the
   * limit are killed, and not waited for longer than that once more.
   */
  async end(limitMs: number): Promise<void> {
    for (const { process } of this.#children) {
      if (process.connected) process.disconnect();
    }
    const exits = Promise.all(this.#children.map(({ exit }) => exit));
    if (!(await isWithin(limitMs, exits))) {
      for (const { process } of this.#children) process.kill('SIGKILL');
      await isWithin(limitMs, exits);
    }
    process.off('exit', this.#removeFolder);
    this.#removeFolder();
  }
}

/** Throws: HOST_REFUSED. */
function startProcess(program: string): ChildProcess {
  try {
    return spawn(process.execPath, [...workerExecArgv(), program], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
  } catch (error) {
    throw hostRefusal('start the process of a chip', error);
  }
}

/** What the path of a socket may have: Linux, with a zero at its end; others have less. */
const SOCKET_PATH_BYTES_MAX = process.platform === 'linux' ? 107 : 103;

/** Throws: HOST_REFUSED. */
function makeFolder(): string {
  const what = 'make a temporary folder for the links of chips';
  const path = join(tmpdir(), 'wafer-chips-');
  const bytes = Buffer.byteLength(join(`${path}XXXXXX`, 'wafer-XXXXXX', 'link'));
  if (bytes > SOCKET_PATH_BYTES_MAX) {
    const reason = `sockets there have paths of ${bytes} bytes, ${SOCKET_PATH_BYTES_MAX} fit`;
    throw new WaferError('HOST_REFUSED', { what, reason, hint: 'set TMPDIR to a shorter path' });
  }
  try {
    return mkdtempSync(path);
  } catch (error) {
    throw hostRefusal(what, error);
  }
}

function startChip(
  chip: number,
  parts: { program: string; order: ChipOrder; onExit(exit: ChipExit): void },
): Child {
  const { program, order, onExit } = parts;
  const child = startProcess(program);
  const address = Promise.withResolvers<LinkAddress>();
  const exit = Promise.withResolvers<void>();
  address.promise.catch(() => undefined); // whoever asks for addresses sees it
  const end = (reason: string, { isOwn } = { isOwn: true }): void => {
    const error = chipDied(chip, `process ${child.pid} ended with ${reason}`);
    address.reject(error);
    onExit({ error, isOwn });
    exit.resolve();
  };
  child.on('error', (error) => end(error.message)); // of spawning, and of its channel later
  let why = '';
  child.once('message', (answer: ChipAnswer) => {
    if ('reason' in answer) why = `: ${answer.reason}`;
    else address.resolve(answer);
  });
  child.once('exit', (code, signal) => {
    const tell = (): void => end(signal ?? `exit code ${code}${why}`, { isOwn: code !== 0 });
    // Its answer may lie in the channel, which ends after it.
    if (child.connected) child.once('disconnect', tell);
    else tell();
  });
  // Without a file for its channel, there is none: the error follows.
  child.send?.(order, (error) => error && address.reject(chipDied(chip, error.message)));
  // The wafer's threads keep this process alive, not its chips.
  child.unref();
  child.channel?.unref();
  return { process: child, address: address.promise, exit: exit.promise };
}

/** The error of a chip that ended by itself. */
export function chipDied(chip: number, reason: string): WaferError {
  return new WaferError('CHIP_DIED', { chip: `Wafer.Chip[${chip}]`, reason });
}
