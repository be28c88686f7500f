/**
 * The command line as a library: what `wafer` runs, for programs that start it themselves.
 */
export { runCommandLine } from './command-line.ts';
export { EXIT_CODES } from './failures/exit-codes.ts';
export type { ExitCode } from './failures/exit-codes.ts';
export { Terminal } from './terminal/terminal.ts';
export type { OutputStream } from './terminal/terminal.ts';
