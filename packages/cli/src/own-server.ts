/**
 * `wafer serve` in a process of its own, for commands that measure a server.
 *
 * A process apart, so that the client's work is not the server's; it ends when it is disposed, and
 * with this process.
 */
import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { WaferError } from '@wafer/core';

export interface OwnServer extends AsyncDisposable {
  readonly url: string;
}

const READY_POLL_MS = 50;
const SAID_LENGTH_MAX = 2000;

/** Starts it and waits until its model answers. Throws: SERVER_UNUSABLE, the signal's reason. */
export async function startOwnServer(
  model: string,
  flags: readonly string[],
  signal: AbortSignal,
): Promise<OwnServer> {
  const words = ['serve', model, '--port', '0', '--drain-seconds', '0', ...flags];
  const child = spawn(process.execPath, [entry(), ...words], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-SAID_LENGTH_MAX);
  });
  const kill = (): void => void child.kill('SIGKILL');
  process.once('exit', kill);
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  let isOver = false;
  void ended.then(() => (isOver = true));
  const stop = async (): Promise<void> => {
    process.off('exit', kill);
    child.kill('SIGTERM');
    await ended;
  };
  try {
    for (;;) {
      signal.throwIfAborted();
      const url = / at (http:\S+)\/v1$/m.exec(said)?.[1];
      if (url !== undefined && (await isReady(url))) {
        return { url, [Symbol.asyncDispose]: stop };
      }
      if (isOver) {
        const reason = said.trim();
        throw new WaferError('SERVER_UNUSABLE', { url: `wafer serve ${model}`, reason });
      }
      await sleep(READY_POLL_MS);
    }
  } catch (error) {
    await stop();
    throw error;
  }
}

function isReady(url: string): Promise<boolean> {
  return fetch(`${url}/ready`).then(
    ({ status }) => status === 200,
    () => false,
  );
}

function entry(): string {
  const isSource = import.meta.url.endsWith('.ts');
  return fileURLToPath(new URL(isSource ? './main.ts' : './main.js', import.meta.url));
}
