/** A command line in the process of a test. */
import { Writable } from 'node:stream';
import { runCommandLine, Terminal } from '../src/index.ts';

/** Runs it; its exit code, and what it wrote. */
export async function runLine(
  words: readonly string[],
): Promise<{ code: number; stdout: string; stderr: string }> {
  const output = { stdout: '', stderr: '' };
  const into = (name: 'stdout' | 'stderr'): Writable =>
    new Writable({
      decodeStrings: false,
      write: (text: string, _encoding, done) => {
        output[name] += text;
        done();
      },
    });
  const terminal = new Terminal({ out: into('stdout'), errors: into('stderr') });
  const code = await runCommandLine(words, terminal);
  return { code, ...output };
}
