/**
 * Fills in a Jinja template, counting steps: what the template's thread runs.
 *
 * A template is hostile input. Each node that is evaluated is a step, and `range` makes no list
 * longer than the steps allowed; what costs without steps (one huge string, one slow filter) is
 * ended from outside, by time and memory.
 */
import * as library from '@huggingface/jinja';
import { strftime } from './strftime.ts';

/** A template and its variables; crosses threads. */
export interface TemplateTask {
  template: string;
  variables: Record<string, unknown>;
  nowMs: number;
  stepsMax: number;
  charactersMax: number;
}

/** `limit`: which limit was passed; `refused`: what the template raised. */
export type TemplateResult =
  | { kind: 'text'; text: string }
  | { kind: 'limit'; limit: string; allowed: string }
  | { kind: 'refused'; reason: string }
  | { kind: 'invalid'; reason: string };

/** What is used of the library, whose own declarations name files that they do not resolve. */
interface Jinja {
  tokenize(text: string, options: object): unknown;
  parse(tokens: unknown): unknown;
  Environment: new () => { set(name: string, value: unknown): void };
  Interpreter: new (environment: unknown) => {
    run(program: unknown): { value: unknown };
    evaluate(node: unknown, environment: unknown): unknown;
  };
}

const jinja = library as unknown as Jinja;

class StepLimit extends Error {}
class Refusal extends Error {}

class CountingInterpreter extends jinja.Interpreter {
  #stepsLeft: number;

  constructor(environment: unknown, stepsMax: number) {
    super(environment);
    this.#stepsLeft = stepsMax;
  }

  override evaluate(node: unknown, environment: unknown): unknown {
    if (--this.#stepsLeft < 0) throw new StepLimit();
    return super.evaluate(node, environment);
  }
}

/** Never throws. */
export function renderTemplate(task: TemplateTask): TemplateResult {
  const { stepsMax, charactersMax } = task;
  const steps = { kind: 'limit', limit: `${stepsMax} steps`, allowed: `${stepsMax}` } as const;
  try {
    const text = run(task);
    if (text.length <= charactersMax) return { kind: 'text', text };
    const allowed = `${charactersMax}`;
    return { kind: 'limit', limit: `${text.length} characters`, allowed };
  } catch (error) {
    if (error instanceof StepLimit) return steps;
    const reason = (Error.isError(error) ? error.message : String(error)).slice(0, 400);
    if (error instanceof Refusal) return { kind: 'refused', reason };
    return { kind: 'invalid', reason };
  }
}

function run({ template, variables, nowMs, stepsMax }: TemplateTask): string {
  const tokens = jinja.tokenize(template, { lstrip_blocks: true, trim_blocks: true });
  const program = jinja.parse(tokens);
  const environment = new jinja.Environment();
  const now = new Date(nowMs);
  const globals: Record<string, unknown> = {
    true: true,
    True: true,
    false: false,
    False: false,
    none: null,
    None: null,
    range: (...bounds: unknown[]) => range(bounds, stepsMax),
    raise_exception: (reason: unknown) => {
      throw new Refusal(String(reason));
    },
    strftime_now: (format: unknown) => strftime(now, String(format)),
  };
  for (const [name, value] of Object.entries({ ...globals, ...variables })) {
    environment.set(name, value);
  }
  const result = new CountingInterpreter(environment, stepsMax).run(program).value;
  return String(result);
}

function range(bounds: readonly unknown[], countMax: number): number[] {
  const [first, second, third] = bounds.map((bound) =>
    typeof bound === 'number' ? bound : undefined,
  );
  const [start, stop, step] = [
    second === undefined ? 0 : (first ?? 0),
    second ?? first ?? 0,
    third ?? 1,
  ];
  const count = Math.max(0, Math.ceil((stop - start) / step));
  if (!(count <= countMax)) throw new StepLimit();
  return Array.from({ length: count }, (_, index) => start + index * step);
}
