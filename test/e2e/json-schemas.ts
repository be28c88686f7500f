/**
 * What `--json` prints, held to the schemas of `docs/schemas`, one a command.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { ValidateFunction } from 'ajv';

const FOLDER = new URL('../../docs/schemas/', import.meta.url);

/** Names of commands that have another. */
const ALIASES: Readonly<Record<string, string>> = { show: 'inspect' };

const ajv = new Ajv2020({ allErrors: true, allowUnionTypes: true });
const compiled = new Map<string, ValidateFunction>();

/** The names of all schemas: those of commands, with `-` between their words. */
export function schemaNames(): string[] {
  return readdirSync(FOLDER).map((file) => file.replace(/\.json$/, ''));
}

/** The schema of what a command line prints. */
export function schemaOf(words: readonly string[]): string {
  const [named = '', second = ''] = words;
  const first = ALIASES[named] ?? named;
  if (first === 'bench' && words.includes('--compare')) return 'bench-compare';
  const both = `${first}-${second}`;
  return existsSync(new URL(`${both}.json`, FOLDER)) ? both : first;
}

/** What is wrong with a value, by the schema; empty where it is as the schema says. */
export function faultsBy(name: string, value: unknown): string[] {
  const validate = compiled.get(name) ?? compile(name);
  if (validate(value)) return [];
  return validate.errors!.map(({ instancePath, message, params }) =>
    [instancePath, message, JSON.stringify(params)].join(' '),
  );
}

function compile(name: string): ValidateFunction {
  const schema = JSON.parse(readFileSync(new URL(`${name}.json`, FOLDER), 'utf8')) as object;
  const validate = ajv.compile(schema);
  compiled.set(name, validate);
  return validate;
}
