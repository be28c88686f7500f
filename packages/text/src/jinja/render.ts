/**
 * Renders a template: parse, compile to functions, run.
 *
 *     template ─ lexer → tokens ─ parser → tree ─ symbols, compile → functions ─ run → text
 *
 * Source: Jinja2 3.1, with the settings of transformers.
 */
import { compileBody } from './compile-statement.ts';
import { TemplateFault } from './errors.ts';
import { FILTERS } from './filters/all.ts';
import { globalFunctions } from './globals.ts';
import { parseTemplate } from './parse-template.ts';
import { Rendering, Scope } from './scope.ts';
import { Symbols, undeclared } from './symbols.ts';
import { TESTS } from './tests.ts';
import { withStandIns, type StandIns } from './text.ts';
import { Dict, type Value } from './values.ts';

export interface RenderTask {
  template: string;
  variables: Readonly<Record<string, unknown>>;
  stepsMax: number;
  /** Characters of the variables that stand for others. */
  standIns: StandIns;
  /** Writes the time of the rendering. */
  strftime(format: string): string;
}

/** The text of a template. Throws: TemplateFault, TemplateRefusal, StepLimit. */
export function render({ template, variables, stepsMax, standIns, strftime }: RenderTask): string {
  return withStandIns(standIns, () => {
    const globals = globalFunctions(strftime);
    for (const [name, value] of Object.entries(variables)) {
      if (value !== undefined) globals.set(name, fromPlain(value));
    }
    const rendering = new Rendering({ globals, filters: FILTERS, tests: TESTS }, stepsMax);
    const body = parseTemplate(template);
    if (undeclared(body, ['self']).size > 0) throw new TemplateFault('self is not available');
    const symbols = new Symbols();
    for (const statement of body) symbols.visit(statement);
    const run = compileBody(body, { symbols, isBranch: false, isTop: true, isInLoop: false });
    return rendering.capture(() => run(new Scope(symbols, rendering)));
  });
}

/** Beyond this JSON writes an exponent, and Python reads a float. */
const INTEGER_MAX = 1e21;

/** Plain data as a template's values: numbers are what reading their JSON would make them. */
export function fromPlain(value: unknown): Value {
  if (value === null || value === undefined) return null;
  if (typeof value === 'number') {
    return Number.isInteger(value) && Math.abs(value) < INTEGER_MAX ? BigInt(value) : value;
  }
  if (typeof value === 'string' || typeof value === 'boolean' || typeof value === 'bigint') {
    return value;
  }
  if (Array.isArray(value)) return value.map(fromPlain);
  const entries = Object.entries(value as object).filter(([, item]) => item !== undefined);
  return Dict.from(entries.map(([key, item]) => [key, fromPlain(item)] as const));
}
