/**
 * JSON mode: any JSON object, as people ask for it who give no schema.
 */
import type { Budget } from './budget.ts';
import type { GrammarProgram } from './program.ts';
import { compileSchema } from './schema/compile-schema.ts';

/** Any JSON object. */
export function compileJson(budget: Budget): GrammarProgram {
  return compileSchema('{"type":"object"}', { budget, isOrdered: true });
}
