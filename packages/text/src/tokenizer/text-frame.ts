/**
 * The special tokens that a tokenizer.json puts around a text: those of its post-processor, unless
 * tokenizer_config.json says otherwise.
 *
 *     TemplateProcessing   [gMASK] <sop> $A          before: both
 *     RobertaProcessing    <s> $A </s>               before and behind
 *     Sequence             one inside the other, the last outermost
 *
 * Source: the documentation and behavior of `tokenizers` 0.23; transformers for `add_bos_token`
 * and `add_eos_token`.
 */
import { append, isObject } from '@wafer/core';
import type { TextFrame } from './tokenizer-facts.ts';

type Json = Record<string, unknown>;

/** Components nest a few deep; a bound keeps hostile ones from overflowing the stack. */
const DEPTH_MAX = 8;

/** Far above any template; it bounds what hostile files add to each text. */
const FRAME_MAX = 64;

interface TokenIds {
  contents: ReadonlyMap<number, string>;
  idOf: (content: string) => number | undefined;
}

/** A component and those inside it, as a flat list. */
export function componentsOf(value: unknown, inside: string, depth = 0): Json[] {
  if (!isObject(value) || depth > DEPTH_MAX) return [];
  const list = value[inside];
  if (!Array.isArray(list)) return [value];
  return [value, ...list.flatMap((item) => componentsOf(item, inside, depth + 1))];
}

/** What a post-processor puts around one text. */
export function frameOfProcessor(processor: unknown, tokens: TokenIds): TextFrame {
  let frame: TextFrame = { before: [], after: [] };
  for (const component of componentsOf(processor, 'processors')) {
    const { before, after } = frameOfComponent(component, tokens);
    frame = {
      before: [...before, ...frame.before].slice(0, FRAME_MAX),
      after: [...frame.after, ...after].slice(0, FRAME_MAX),
    };
  }
  return frame;
}

function frameOfComponent(component: Json, tokens: TokenIds): TextFrame {
  const { type, single } = component;
  if (type === 'BertProcessing' || type === 'RobertaProcessing') {
    return { before: pairId(component['cls'], tokens), after: pairId(component['sep'], tokens) };
  }
  if (type !== 'TemplateProcessing' || !Array.isArray(single)) return { before: [], after: [] };
  const known = isObject(component['special_tokens']) ? component['special_tokens'] : {};
  const before: number[] = [];
  const after: number[] = [];
  let isBehind = false;
  for (const piece of single.slice(0, FRAME_MAX) as unknown[]) {
    const special = isObject(piece) ? piece['SpecialToken'] : undefined;
    const name = isObject(special) ? special['id'] : undefined;
    if (typeof name === 'string') {
      append(isBehind ? after : before, idsOfName(name, known, tokens));
    } else isBehind = true;
  }
  return { before, after };
}

/** The ids that a template gives a special token; else the one of its text. */
function idsOfName(name: string, known: Json, { contents, idOf }: TokenIds): number[] {
  const entry = Object.hasOwn(known, name) ? known[name] : undefined;
  const ids = isObject(entry) ? entry['ids'] : undefined;
  const isRight = (id: unknown): id is number => typeof id === 'number' && contents.has(id);
  if (Array.isArray(ids) && ids.length <= FRAME_MAX && ids.every(isRight)) return ids;
  return [idOf(name) ?? []].flat();
}

/** The id of `["</s>", 2]`. */
function pairId(pair: unknown, { contents, idOf }: TokenIds): number[] {
  const [name, id]: unknown[] = Array.isArray(pair) ? pair : [];
  if (typeof id === 'number' && contents.has(id)) return [id];
  return typeof name === 'string' ? [idOf(name) ?? []].flat() : [];
}

/**
 * The frame that counts: `add_bos_token` and `add_eos_token` of the config go before a template;
 * Llama's class begins every text though there is none.
 */
export function frameOf(
  template: TextFrame,
  { begin, end }: { begin: number | undefined; end: number | undefined },
  config: Json,
): TextFrame {
  const isLlama = String(config['tokenizer_class']).startsWith('LlamaTokenizer');
  return {
    before: side(template.before, begin, config['add_bos_token'] ?? (isLlama || undefined)),
    after: side(template.after, end, config['add_eos_token']),
  };
}

function side(
  template: readonly number[],
  id: number | undefined,
  asked: unknown,
): readonly number[] {
  if (asked === false) return template.filter((each) => template.length > 1 && each !== id);
  if (asked === true && template.length === 0) return id === undefined ? [] : [id];
  return template;
}
