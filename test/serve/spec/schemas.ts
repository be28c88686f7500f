/**
 * Schemas of OpenAI's interface and of Open Responses, and what is wrong with a value by them.
 *
 * They are OpenAPI 3.0 in places: `nullable` and boolean bounds are brought to JSON Schema. Schemas
 * are compiled when first asked for, with what they refer to.
 *
 * Source: README.md here.
 */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { isObject } from '@wafer/core';
import { Ajv2020 } from 'ajv/dist/2020.js';

type Schema = Record<string, unknown>;

const FILES = {
  openai: 'openai-2.3.0.json.gz',
  openResponses: 'open-responses-2026-04-24.json.gz',
} as const;
export type Spec = keyof typeof FILES;

const FAULTS_SHOWN = 6;

/** What a file beside this one holds. */
export function readPacked<Content>(name: string): Content {
  const bytes = gunzipSync(readFileSync(new URL(name, import.meta.url)));
  return JSON.parse(bytes.toString('utf8')) as Content;
}

class SpecSchemas {
  readonly #ajv = new Ajv2020({ strict: false, validateFormats: false, validateSchema: false });
  readonly #schemas: Readonly<Record<string, Schema>>;
  /** Schemas of events by what their `type` says. */
  readonly #events = new Map<string, string>();

  constructor(file: string) {
    const { components } = normalized(readPacked<Schema>(file)) as {
      components: { schemas: Record<string, Schema> };
    };
    this.#schemas = components.schemas;
    this.#ajv.addSchema({ $id: 'spec', components });
    for (const name of Object.keys(this.#schemas).filter((one) => one.endsWith('Event'))) {
      const { properties } = this.#schemas[name] as { properties?: { type?: Schema } };
      const [type] = (properties?.type?.['enum'] ?? []) as string[];
      if (type !== undefined) this.#events.set(type, name);
    }
  }

  /** The schema of a stream's event; undefined if it has none. */
  eventName(type: string): string | undefined {
    return this.#events.get(type);
  }

  /** Names of members that a schema has, its parts' included. */
  members(schema: Schema): string[] {
    const {
      $ref,
      properties = {},
      allOf = [],
    } = schema as {
      $ref?: string;
      properties?: object;
      allOf?: Schema[];
    };
    const named = $ref === undefined ? undefined : this.#schemas[$ref.split('/').at(-1)!]!;
    const parts = named === undefined ? allOf : [...allOf, named];
    return [...Object.keys(properties), ...parts.flatMap((part) => this.members(part))];
  }

  membersOf(name: string): string[] {
    return [...new Set(this.members({ $ref: name }))];
  }

  faults(name: string, value: unknown): string[] {
    const check = this.#ajv.getSchema(`spec#/components/schemas/${name}`);
    if (check === undefined) throw new Error(`no schema ${name}`);
    if (check(value) === true) return [];
    return (check.errors ?? [])
      .slice(0, FAULTS_SHOWN)
      .map(({ instancePath, message, params }) =>
        [name, instancePath, message, JSON.stringify(params)].join(' '),
      );
  }
}

const opened = new Map<Spec, SpecSchemas>();

function specOf(spec: Spec): SpecSchemas {
  let schemas = opened.get(spec);
  if (schemas === undefined) opened.set(spec, (schemas = new SpecSchemas(FILES[spec])));
  return schemas;
}

/** Names of the parameters of a request. */
export function parameterNames(spec: Spec, name: string): string[] {
  return specOf(spec).membersOf(name);
}

/** What is wrong with a value; empty where nothing is. */
export function faultsOf(spec: Spec, name: string, value: unknown): string[] {
  return specOf(spec).faults(name, value);
}

/** What is wrong with an event of a stream of responses. */
export function eventFaults(spec: Spec, event: unknown): string[] {
  const type = String((event as Schema)['type']);
  const name = specOf(spec).eventName(type);
  return name === undefined ? [`no event is called ${type}`] : faultsOf(spec, name, event);
}

/** The same as JSON Schema 2020-12. */
function normalized(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(normalized);
  if (!isObject(node)) return node;
  const { nullable, exclusiveMinimum, exclusiveMaximum, ...rest } = node;
  const own: Schema = {};
  for (const [key, value] of Object.entries(rest)) own[key] = normalized(value);
  bound(own, 'exclusiveMinimum', 'minimum', exclusiveMinimum);
  bound(own, 'exclusiveMaximum', 'maximum', exclusiveMaximum);
  return nullable === true ? { anyOf: [own, { type: 'null' }] } : own;
}

function bound(own: Schema, name: string, inclusive: string, value: unknown): void {
  if (typeof value !== 'boolean') {
    if (value !== undefined) own[name] = normalized(value);
  } else if (value) {
    own[name] = own[inclusive];
    delete own[inclusive];
  }
}
