#!/usr/bin/env node
/**
 * The `wafer` command.
 */
import { EXIT_CODES } from './exit-codes.ts';
import { runCommandLine } from './command-line.ts';
import { Terminal } from './terminal.ts';

const terminal = new Terminal({ out: process.stdout, errors: process.stderr });
process.exitCode = await runCommandLine(process.argv.slice(2), terminal, process.env);
// A signal may leave threads that were just starting; they end here.
if (process.exitCode >= EXIT_CODES.interrupted) process.exit();
