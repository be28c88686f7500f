/**
 * Coded errors in the words of the command line: `--top-p is 2`, where the interface says `topP`.
 */
import type { WaferError } from '@wafer/core';

/** Options whose flag has another name than the field it sets. */
const FLAGS: Readonly<Record<string, string>> = {
  tensorPlan: 'plan',
  contextTokens: 'context',
  sramBytes: 'sram',
  reusePrefixes: 'no-prefix-reuse',
  collective: 'all-reduce',
  secret: 'secret-file',
  hugePages: 'no-huge-pages',
};

/** What the table of errors puts before the name of a field. */
const LEADS = { REQUEST_INVALID: 'request: ', PLAN_OPTION: 'option ' } as const;

/** The message of an error, with flags for fields. Flags are those of the command, as `top-p`. */
export function flagMessage(error: WaferError, flags: readonly string[]): string {
  const { code, details, message } = error;
  if (code !== 'REQUEST_INVALID' && code !== 'PLAN_OPTION') return message;
  const field = details[code === 'PLAN_OPTION' ? 'option' : 'field'];
  if (typeof field !== 'string') return message;
  const flag = FLAGS[field] ?? field.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  // What is no flag of the command is one of its words, as a model.
  const name = flags.includes(flag) ? `--${flag}` : field;
  return message.replace(`${LEADS[code]}${field} `, `${name} `);
}
