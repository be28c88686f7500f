/**
 * What an answer must be, by every name that interfaces have for it.
 *
 *     OpenAI       response_format: { type: json_schema | json_object | text }
 *     vLLM         structured_outputs: { json, regex, choice, grammar, json_object }, guided_…
 *     llama.cpp    grammar, json_schema
 *
 * One of them at a time; each is held by the mask, `strict` or not.
 */
import type { AnswerFormat } from '@wafer/runtime';
import { invalidParam, unsupportedParam } from '../errors/api-error.ts';
import type { BodySchema } from '../http/route.ts';

const SCHEMA: BodySchema = { type: ['object', 'boolean', 'string', 'null'] };
const TEXT: BodySchema = { type: ['string', 'null'] };
const CHOICES_MAX = 10_000;
const CHOICE: BodySchema = {
  type: ['array', 'null'],
  ...{ minItems: 1, maxItems: CHOICES_MAX },
  items: { type: 'string', minLength: 1 },
};

export const FORMAT_PROPERTIES: BodySchema = {
  response_format: {
    type: ['object', 'null'],
    required: ['type'],
    properties: {
      type: { type: 'string' },
      json_schema: {
        type: 'object',
        required: ['name'],
        properties: {
          name: { type: 'string', pattern: '^[A-Za-z0-9_-]{1,64}$' },
          description: { type: 'string' },
          schema: { type: ['object', 'boolean'] },
          strict: { type: ['boolean', 'null'] },
        },
        additionalProperties: false,
      },
    },
  },
  structured_outputs: {
    type: ['object', 'null'],
    properties: {
      ...{ json: SCHEMA, regex: TEXT, choice: CHOICE, grammar: TEXT },
      json_object: { type: ['boolean', 'null'] },
    },
    additionalProperties: false,
  },
  ...{ guided_json: SCHEMA, guided_regex: TEXT, guided_choice: CHOICE, guided_grammar: TEXT },
  ...{ grammar: TEXT, json_schema: SCHEMA },
};

/** What the properties above leave in a body. */
export interface FormatBody {
  response_format?: {
    type: string;
    json_schema?: { name: string; schema?: unknown };
  } | null;
  structured_outputs?: Readonly<Record<string, unknown>> | null;
  guided_json?: unknown;
  guided_regex?: string | null;
  guided_choice?: readonly string[] | null;
  guided_grammar?: string | null;
  grammar?: string | null;
  json_schema?: unknown;
}

/** The format of a body; undefined if any text goes. Throws: ApiError 400. */
export function answerFormat(body: FormatBody): AnswerFormat | undefined {
  const found: [name: string, format: AnswerFormat][] = [];
  const add = (name: string, value: unknown, format: AnswerFormat): void => {
    if (value !== undefined && value !== null) found.push([name, format]);
  };
  const response = responseFormat(body);
  if (response !== undefined) found.push(['response_format', response]);
  const outputs = body.structured_outputs ?? {};
  const of = (name: string): string => `structured_outputs.${name}`;
  add(of('json'), outputs['json'], { json: outputs['json'] });
  add(of('regex'), outputs['regex'], { regex: outputs['regex'] as string });
  add(of('choice'), outputs['choice'], { choices: outputs['choice'] as string[] });
  add(of('grammar'), outputs['grammar'], { grammar: outputs['grammar'] as string });
  if (outputs['json_object'] === true) found.push([of('json_object'), { jsonMode: true }]);
  add('guided_json', body.guided_json, { json: body.guided_json });
  add('guided_regex', body.guided_regex, { regex: body.guided_regex! });
  add('guided_choice', body.guided_choice, { choices: body.guided_choice! });
  add('guided_grammar', body.guided_grammar, { grammar: body.guided_grammar! });
  add('grammar', body.grammar, { grammar: body.grammar! });
  add('json_schema', body.json_schema, { json: body.json_schema });
  const [first, second] = found;
  if (second === undefined) return first?.[1];
  throw invalidParam(second[0], `'${second[0]}' cannot stand beside '${first![0]}'`);
}

function responseFormat({ response_format: given }: FormatBody): AnswerFormat | undefined {
  const type = given?.type ?? 'text';
  if (type === 'text') return undefined;
  if (type === 'json_object') return { jsonMode: true };
  if (type !== 'json_schema') {
    throw unsupportedParam('response_format.type', 'it is text, json_object or json_schema');
  }
  const schema = given?.json_schema;
  if (schema === undefined) {
    throw invalidParam('response_format.json_schema', "'json_schema' is missing");
  }
  return { json: schema.schema ?? {} };
}
