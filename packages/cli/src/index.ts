/**
 * The command line as a library: what `wafer` runs, for programs that start it themselves.
 */
export { runCommandLine } from './command-line.ts';
export { EXIT_CODES } from './exit-codes.ts';
export type { ExitCode } from './exit-codes.ts';
export { Terminal } from './terminal.ts';
export type { OutputStream } from './terminal.ts';
