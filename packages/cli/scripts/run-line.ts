/** A command line in the process of a test. */
import { Writable } from 'node:stream';
import { runCommandLine, Terminal } from '../src/index.ts';

/** Runs it, on a terminal if `columns` are given; its exit code, and what it wrote. */
export async function runLine(
  words: readonly string[],
  columns?: number,
): Promise<{ code: number; stdout: string; stderr: string }> {
  const output = { stdout: '', stderr: '' };
  const shown = columns === undefined ? {} : { isTTY: true, columns };
  const into = (name: 'stdout' | 'stderr'): Writable => {
    const stream = new Writable({
      decodeStrings: false,
      write: (text: string, _encoding, done) => {
        output[name] += text;
        done();
      },
    });
    return Object.assign(stream, shown);
  };
  const terminal = new Terminal({ out: into('stdout'), errors: into('stderr') });
  const code = await runCommandLine(words, terminal);
  return { code, ...output };
}
