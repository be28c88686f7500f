/**
 * What an answer must be: the options of `run` that hold it to a format.
 */
import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { compileFormat, formatSource } from '@wafer/text';
import type { AnswerFormat } from '@wafer/runtime';
import { reasonOf } from '@wafer/core';
import { UsageError } from '../failures/failures.ts';
import { collect } from './option-values.ts';

export interface FormatFlags {
  jsonSchema?: string;
  regex?: string;
  grammar?: string;
  choices?: string[];
}

export function addFormatOptions(command: Command): Command {
  return command
    .option('--json-schema <file>', 'hold the answer to a JSON Schema')
    .option('--regex <pattern>', 'hold the answer to a regular expression')
    .option('--grammar <file>', 'hold the answer to a grammar, as GBNF')
    .option('--choices <text>', 'hold the answer to one of some texts, each given once', collect);
}

/**
 * The format that the flags ask for, files read, and proved before a model is opened for it.
 * Throws: UsageError for more than one, GRAMMAR_*.
 */
export async function readFormat(flags: FormatFlags): Promise<AnswerFormat | undefined> {
  const format = await formatOf(flags);
  if (format !== undefined) compileFormat(formatSource(format));
  return format;
}

async function formatOf(flags: FormatFlags): Promise<AnswerFormat | undefined> {
  const { jsonSchema, regex, grammar, choices } = flags;
  const given = Object.entries({
    '--json-schema': jsonSchema,
    '--regex': regex,
    '--grammar': grammar,
    '--choices': choices,
  }).filter(([, value]) => value !== undefined);
  if (given.length > 1) {
    throw new UsageError(`${given[0]![0]} and ${given[1]![0]} exclude each other; give one`);
  }
  if (jsonSchema !== undefined) return { json: await readFlagFile('--json-schema', jsonSchema) };
  if (grammar !== undefined) return { grammar: await readFlagFile('--grammar', grammar) };
  if (regex !== undefined) return { regex };
  return choices && { choices };
}

async function readFlagFile(flag: string, path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new UsageError(`${flag}: cannot read ${path}: ${reasonOf(error)}; check the path`);
  }
}
