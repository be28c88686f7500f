/**
 * Checks bodies and queries against the endpoints' schemas; says which field is wrong and why.
 *
 * Nothing is coerced, filled in or dropped: what passes is what the client sent.
 */
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { ErrorObject, ValidateFunction } from 'ajv/dist/2020.js';
import { ApiError } from '../errors/api-error.ts';
import type { BodySchema } from './route.ts';

const ajv = new Ajv2020({
  strict: false,
  validateSchema: false,
  allErrors: false,
  ownProperties: true,
});

/** A check of values by a schema. The check throws: ApiError 400 with `param`. */
export function validator(schema: BodySchema): (value: unknown) => void {
  let check: ValidateFunction | undefined;
  return (value) => {
    check ??= ajv.compile(schema);
    if (check(value)) return;
    throw refusal(check.errors ?? []);
  };
}

function refusal(errors: readonly ErrorObject[]): ApiError {
  // Of alternatives, the deepest complaint is about the one that was meant.
  const error = errors.reduce((best, other) =>
    other.instancePath.length > best.instancePath.length ? other : best,
  );
  const { keyword, params, message = 'is not valid' } = error;
  const path = paramPath(error.instancePath);
  if (keyword === 'additionalProperties' || keyword === 'unevaluatedProperties') {
    const name = String(params['additionalProperty'] ?? params['unevaluatedProperty']);
    const param = join(path, name.slice(0, NAME_LENGTH_MAX));
    const text = `unrecognized request argument supplied: ${param}`;
    return new ApiError({ status: 400, code: 'unknown_parameter', param, message: text });
  }
  if (keyword === 'required') {
    const param = join(path, String(params['missingProperty']));
    const text = `missing required parameter: '${param}'`;
    return new ApiError({ status: 400, code: 'missing_required_parameter', param, message: text });
  }
  const allowed =
    keyword === 'enum' ? `: ${(params['allowedValues'] as unknown[]).join(', ')}` : '';
  const code = keyword === 'type' ? 'invalid_type' : 'invalid_value';
  const text = `invalid value for '${path || 'body'}': ${message}${allowed}`;
  return new ApiError({ status: 400, code, param: path || undefined, message: text });
}

const NAME_LENGTH_MAX = 100;

/** `/messages/0/content` as `messages[0].content`. */
function paramPath(pointer: string): string {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~').slice(0, NAME_LENGTH_MAX))
    .reduce((path, part) => (/^\d+$/.test(part) ? `${path}[${part}]` : join(path, part)), '');
}

function join(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}
