/**
 * The program behind `wafer`, once the process is set up for it: in a clone it runs from a bundle.
 */
import { isAside, runAside } from './aside/run-aside.ts';

/** Runs a command line; its exit code. `hear` is called when the command itself hears signals. */
export async function runProgram(words: readonly string[], hear: () => void): Promise<number> {
  if (isAside(words)) {
    hear();
    const code = await runAside(words);
    if (code !== undefined) return code;
  }
  const { runCommandLine, Terminal } = await import('./index.ts');
  const { terminalKind } = await import('./terminal/kind.ts');
  hear();
  const kind = terminalKind(process.env);
  const terminal = new Terminal({ out: process.stdout, errors: process.stderr, ...kind });
  return await runCommandLine(words, terminal, process.env);
}
