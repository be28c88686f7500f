/**
 * Models fetched from a hub: by `wafer pull`, and by commands that were given the name of one that
 * is not there, after asking.
 */
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { formatBytes, plural, WaferError } from '@wafer/core';
import { folderOf, Hub, pullModel, readHubName } from '@wafer/models';
import type { HubName, Pulled } from '@wafer/models';
import type { LoadType, Model } from '@wafer/runtime';
import { Interrupted, UsageError } from '../failures/failures.ts';
import { openNamedModel, pulledModels } from './named-model.ts';
import { ProgressLine } from '../terminal/progress.ts';
import { proxyTo, useProxies } from './proxy.ts';
import { watchSignals } from '../failures/signals.ts';
import type { Terminal } from '../terminal/terminal.ts';

export const ENDPOINT = 'https://huggingface.co';
export const SILENCE_SECONDS = 30;
export const RETRIES = 8;

export interface FetchOptions {
  name: HubName;
  folder: string;
  file?: string[];
  endpoint?: string;
  /** Seconds without data that end a try. */
  timeout?: number;
  retries?: number;
}

/** Fetches a model into a folder. Throws: UsageError, Interrupted, coded errors of pulling. */
export async function fetchModel(options: FetchOptions, terminal: Terminal): Promise<Pulled> {
  const { name, folder, file = [], timeout = SILENCE_SECONDS, retries = RETRIES } = options;
  const endpoint = readEndpoint(options.endpoint ?? process.env['HF_ENDPOINT']);
  useProxies(process.env);
  using watch = watchSignals();
  const token = process.env['HF_TOKEN']?.trim();
  const hub = new Hub({
    endpoint,
    proxy: proxyTo(endpoint, process.env),
    token: token === '' ? undefined : token,
    silenceMs: timeout * 1000,
    retries,
    signal: watch.signal,
    onWait: (reason, seconds) => terminal.say(`wafer: ${reason}; again in ${seconds} s`),
  });
  const progress = new ProgressLine(terminal, 'pulling', () => performance.now());
  try {
    const onProgress = (amount: { doneBytes: number; totalBytes: number }): void =>
      progress.report(amount);
    return await pullModel({ hub, name, globs: file, folder, onProgress });
  } finally {
    progress.close();
  }
}

/** What was fetched, in a line. */
export function pulledText(model: string, folder: string, pulled: Pulled): string {
  const { files, totalBytes, fetchedBytes, commit } = pulled;
  const amount = `${plural(files.length, 'file')}, ${formatBytes(totalBytes)}`;
  const fetched = fetchedBytes === totalBytes ? '' : ` (${formatBytes(fetchedBytes)} fetched)`;
  return `pulled ${model} ${commit.slice(0, 12)}: ${amount}${fetched} in ${folder}`;
}

/**
 * Opens a model; one of a hub that is not there is fetched first, if a person agrees or `--yes`
 * was given. Throws: what `openModel` and pulling throw.
 */
export async function openOrPull(
  given: { model: string; dtype: LoadType | undefined; yes: true | undefined },
  terminal: Terminal,
): Promise<Model> {
  const { model, dtype, yes } = given;
  try {
    return await openNamedModel(model, dtype);
  } catch (error) {
    const isAbsent = error instanceof WaferError && error.code === 'MODEL_NOT_PULLED';
    const name = isAbsent ? readHubName(model) : undefined;
    if (name === undefined) throw error;
    const isAgreed = yes === true || (await askPerson(`fetch ${model} from the hub?`));
    if (!isAgreed) throw error;
    const folder = join(pulledModels(), folderOf(name));
    terminal.say(
      `wafer: ${pulledText(model, folder, await fetchModel({ name, folder }, terminal))}`,
    );
    return openNamedModel(model, dtype);
  }
}

/** What a person answers; without one, or at Ctrl-D, no. Throws: Interrupted at Ctrl-C. */
export async function askPerson(question: string): Promise<boolean> {
  if (!process.stdin.isTTY) return false;
  const reader = createInterface({ input: process.stdin, output: process.stderr });
  let isInterrupted = false;
  reader.once('SIGINT', () => {
    isInterrupted = true;
    reader.close();
  });
  const closed = once(reader, 'close').then(() => undefined);
  const asked = reader.question(`${question} [y/N] `).catch(() => undefined);
  const answer = await Promise.race([asked, closed]);
  reader.close();
  if (answer === undefined) process.stderr.write('\n');
  if (isInterrupted) throw new Interrupted('interrupted');
  return /^y(es)?$/i.test((answer ?? '').trim());
}

/** Throws: UsageError. */
function readEndpoint(text = ''): string {
  const endpoint = (text === '' ? ENDPOINT : text).replace(/\/+$/, '');
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined;
  const isHub = url !== undefined && /^https?:$/.test(url.protocol) && url.search + url.hash === '';
  if (!isHub || url.username !== '' || url.password !== '') {
    throw new UsageError(`${endpoint} is no address of a hub; give http(s)://HOST, as ${ENDPOINT}`);
  }
  return endpoint;
}
