/**
 * The keywords of JSON Schema, by what becomes of them.
 *
 * What is enforced is; what only tells people something may be there; what an official vocabulary
 * defines and this does not enforce is refused by name, as are keywords that change what others
 * mean. A name that no vocabulary defines says nothing, as the specification has it.
 *
 * Source: JSON Schema 2020-12 and draft 7, core and validation.
 */
import { refuseKeyword } from '../budget.ts';
import type { JsonObject } from './json.ts';

/** In-place and child applicators, and assertions, that are enforced. */
const ENFORCED: ReadonlySet<string> = new Set([
  ...['$ref', '$dynamicRef', 'allOf', 'anyOf', 'oneOf', 'not', 'if', 'then', 'else'],
  ...['type', 'enum', 'const', 'dependentSchemas', 'dependentRequired', 'dependencies'],
  ...['multipleOf', 'minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum'],
  ...['minLength', 'maxLength', 'pattern', 'format'],
  ...['items', 'prefixItems', 'additionalItems', 'unevaluatedItems', 'contains'],
  ...['minContains', 'maxContains', 'minItems', 'maxItems', 'uniqueItems'],
  ...['properties', 'patternProperties', 'additionalProperties', 'unevaluatedProperties'],
  ...['propertyNames', 'required', 'minProperties', 'maxProperties'],
]);

/** What is defined elsewhere and means something that is not enforced. */
const REFUSED: Readonly<Record<string, string>> = {
  $recursiveRef: 'of draft 2019-09',
  nullable: 'of OpenAPI 3.0; write a type with null',
  extends: 'of draft 3',
  disallow: 'of draft 3',
  divisibleBy: 'of draft 3',
};

/** Refuses keywords of a schema that would have to be ignored. Throws: GRAMMAR_UNSUPPORTED. */
export function checkKeywords(schema: JsonObject, path: string): void {
  for (const key of Object.keys(schema)) {
    const isKnown = ENFORCED.has(key);
    if (!isKnown && Object.hasOwn(REFUSED, key) && schema[key] !== false) {
      refuseKeyword(key, path, REFUSED[key]!);
    }
  }
}
