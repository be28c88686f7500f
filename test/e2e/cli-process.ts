/**
 * Runs the real command in a process of its own, as a shell would.
 */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { faultsBy, schemaOf } from './json-schemas.ts';

export const MAIN: string = fileURLToPath(
  new URL('../../packages/cli/src/main.ts', import.meta.url),
);

export interface CliResult {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

/** A command that is running. */
export interface CliProcess {
  child: ChildProcess;
  ended: Promise<CliResult>;
  /** Resolves when standard output has brought something. */
  firstOutput: Promise<void>;
}

/** Starts a command line; `input` is its standard input, `env` is added to the environment. */
export function startCli(
  words: readonly string[],
  input = '',
  env: Readonly<Record<string, string>> = {},
): CliProcess {
  const options = { stdio: 'pipe', env: { ...process.env, ...env } } as const;
  const child = spawn(process.execPath, [MAIN, ...words], options);
  const firstOutput = Promise.withResolvers<void>();
  const output = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output.stdout += text;
    firstOutput.resolve();
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output.stderr += text;
  });
  // A command that does not read its input may be gone before it is written.
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  const ended = new Promise<CliResult>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      firstOutput.reject(new Error(`ended without output: ${output.stderr}`));
      resolve({ code, signal, ...output });
    });
  });
  firstOutput.promise.catch(() => undefined);
  return { child, ended, firstOutput: firstOutput.promise };
}

/** Runs a command line to its end. */
export function runCli(words: readonly string[], input = ''): Promise<CliResult> {
  return startCli(words, input).ended;
}

/** Runs a command that must succeed; its standard output. */
export async function runCliWell(words: readonly string[], input = ''): Promise<string> {
  const { code, signal, stdout, stderr } = await runCli(words, input);
  if (code !== 0) throw new Error(`wafer ${words.join(' ')}: ${code ?? signal}\n${stderr}`);
  return stdout;
}

/** Runs a command that must print one JSON object as its schema says, and nothing else. */
export async function runCliJson(words: readonly string[]): Promise<Record<string, unknown>> {
  const value = JSON.parse(await runCliWell(words)) as Record<string, unknown>;
  const faults = faultsBy(schemaOf(words), value);
  if (faults.length > 0) throw new Error(`wafer ${words.join(' ')}: ${faults.join('; ')}`);
  return value;
}

/** A folder that is removed when it is disposed. */
export function temporaryFolder(): { path: string } & Disposable {
  const path = mkdtempSync(join(tmpdir(), 'wafer-cli-'));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}
