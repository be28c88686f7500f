/**
 * The real command on a pseudo-terminal, by `script` of util-linux: keys in, what a person would
 * see out.
 */
import { spawn, spawnSync } from 'node:child_process';
import { MAIN } from './cli-process.ts';

const { stdout: version } = spawnSync('script', ['--version'], { encoding: 'utf8' });

/** Whether this machine can make a pseudo-terminal. */
export const hasPseudoTerminal: boolean = /util-linux/.test(version ?? '');
if (!hasPseudoTerminal) process.stderr.write('skipped: no `script` of util-linux\n');

/** A command that says nothing for this long hangs. */
const PATIENCE_MS = 20_000;

export interface PseudoTerminal {
  /** Types keys; Enter is `\r`, Ctrl-C `\u0003`. */
  type(keys: string): void;
  /** Waits until the text comes after all that was waited for before; styles are kept. */
  see(text: string | RegExp): Promise<string>;
  /** Exit code of the command. */
  ended: Promise<number | null>;
}

/** Starts the command on a terminal of its own. */
export function startOnTerminal(words: readonly string[]): PseudoTerminal {
  return startLineOnTerminal(
    [process.execPath, MAIN, ...words].map((word) => `'${word}'`).join(' '),
  );
}

/** The same of any line of a shell. */
export function startLineOnTerminal(line: string): PseudoTerminal {
  const environment = { ...process.env, TERM: 'xterm', NO_COLOR: undefined, FORCE_COLOR: '1' };
  const child = spawn('script', ['-qec', line, '/dev/null'], { env: environment });
  let seen = '';
  let wake = (): void => undefined;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    seen += text;
    wake();
  });
  child.stdin.on('error', () => undefined);
  let hasEnded = false;
  const ended = new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      hasEnded = true;
      wake();
      resolve(code);
    });
  });
  const see = async (text: string | RegExp): Promise<string> => {
    for (;;) {
      const match = new RegExp(typeof text === 'string' ? RegExp.escape(text) : text).exec(seen);
      if (match !== null) {
        seen = seen.slice(match.index + match[0].length);
        return match[0];
      }
      if (hasEnded) throw new Error(`ended before ${String(text)} came: ${JSON.stringify(seen)}`);
      const { promise, resolve } = Promise.withResolvers<boolean>();
      wake = () => resolve(true);
      const timer = setTimeout(() => resolve(false), PATIENCE_MS);
      const hasMore = await promise;
      clearTimeout(timer);
      if (!hasMore) throw new Error(`${String(text)} did not come: ${JSON.stringify(seen)}`);
    }
  };
  return { type: (keys) => void child.stdin.write(keys), see, ended };
}
