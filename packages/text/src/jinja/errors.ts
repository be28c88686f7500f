/**
 * What can end a rendering early. Everything a template does wrong is a `TemplateFault`; two
 * more kinds say that it may not go on, and that it refuses the chat itself.
 */
export class TemplateFault extends Error {}

/** An operation on something that is not there. */
export class UndefinedFault extends TemplateFault {}

/** Python's TypeError, which some filters catch. */
export class TypeFault extends TemplateFault {}

/** Python's ValueError, which some filters catch. */
export class ValueFault extends TemplateFault {}

/** Python's OverflowError. */
export class OverflowFault extends TemplateFault {}

/** The template raised it: `raise_exception`. */
export class TemplateRefusal extends Error {}

/** More steps than allowed. */
export class StepLimit extends Error {}

/** Something grew larger than allowed. */
export class SizeLimit extends Error {
  readonly limit: string;
  readonly allowed: string;

  constructor(limit: string, allowed: number) {
    super(`${limit}, ${allowed} are the most`);
    this.limit = limit;
    this.allowed = `${allowed}`;
  }
}
