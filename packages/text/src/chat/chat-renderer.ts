/**
 * Messages of a chat as token ids, by the model's own template.
 *
 *     messages ─ protect → template, in its thread → text ─ cut at special tokens → ids
 *
 * Long chats have threads of their own, for the template and for the ids: nobody waits for them,
 * neither the caller's thread nor a short chat behind them.
 */
import { isObject, WaferError } from '@wafer/core';
import type { TokenizerDescription } from '../tokenizer/tokenizer-facts.ts';
import { createTokenizer, type EncodeOptions, type Tokenizer } from '../tokenizer/tokenizer.ts';
import { EncodeThread } from './encode-thread.ts';
import { checkNow, templateMessages, type ChatMessage, type RenderOptions } from './messages.ts';
import { encodeOutput, Protector } from './protect.ts';
import { TemplateThread, type TemplateLimits } from './template-thread.ts';

/** What chats need to know of a model. */
export interface ChatModel {
  /** Names the model in errors. */
  readonly name: string;
  readonly tokenizer: TokenizerDescription | undefined;
}

/** Programs of the threads. */
export interface TextEntries {
  template: URL;
  encode: URL;
}

/** A chat as the model reads it. */
export interface RenderedChat {
  /** For people: special tokens look like text that spells them. */
  text: string;
  tokens: number[];
}

/** Names of tokens that templates may read. */
const TOKEN_NAMES = ['bos_token', 'eos_token', 'unk_token', 'pad_token', 'sep_token', 'cls_token'];

/** Units of text that take a few milliseconds to encode; longer ones go to a thread. */
const SHORT_UNITS = 2 ** 15;

export class ChatRenderer {
  readonly #model: ChatModel;
  readonly #short: TemplateThread;
  readonly #long: TemplateThread;
  readonly #entries: TextEntries;
  #encoding: EncodeThread | undefined;
  #isClosed = false;

  constructor(model: ChatModel, entries: TextEntries, limits: Partial<TemplateLimits> = {}) {
    this.#model = model;
    this.#entries = entries;
    this.#short = new TemplateThread(model.name, entries.template, limits);
    this.#long = new TemplateThread(model.name, entries.template, limits);
  }

  /**
   * Of more than `tokensMax` tokens not all come back.
   * Throws: TEMPLATE_MISSING, TEMPLATE_INVALID, TEMPLATE_LIMIT, TEMPLATE_REFUSED, REQUEST_INVALID,
   * TOKENIZER_MISSING, WAFER_CLOSED.
   */
  async render(
    messages: readonly ChatMessage[],
    options: RenderOptions = {},
    tokensMax: number = Infinity,
  ): Promise<RenderedChat> {
    const { tools, addGenerationPrompt = true, variables = {}, now = new Date() } = options;
    const tokenizer = this.#tokenizer();
    const template = chatTemplate(this.#model, tools !== undefined && tools.length > 0);
    if (template === undefined) throw missing(this.#model);
    const plain = templateMessages(messages);
    const thread = hasUnits([plain, tools, variables], SHORT_UNITS) ? this.#long : this.#short;
    const { output, standIns } = await thread.render({
      template,
      messages: plain,
      given: { ...variables, tools: tools ?? null },
      own: { ...tokenTexts(this.#model), add_generation_prompt: addGenerationPrompt },
      special: tokenizer.special,
      nowMs: checkNow(now),
    });
    const protector = new Protector(tokenizer.special, standIns);
    const text = protector.clean(output);
    if (output.length <= SHORT_UNITS) {
      return { text, tokens: encodeOutput(output, protector, { tokenizer, tokensMax }) };
    }
    const work = { kind: 'output', output, standIns, tokensMax } as const;
    return { text, tokens: listOf(await this.#encodeThread().encode(work)) };
  }

  /**
   * Token ids of a text of any length, a long one's from a thread. Of more than
   * `options.tokensMax` not all come back. Throws: TOKENIZER_MISSING, TOKENIZER_INVALID,
   * HOST_REFUSED, WAFER_CLOSED.
   */
  async encode(text: string, options: EncodeOptions = {}): Promise<Int32Array> {
    const tokenizer = this.#tokenizer();
    if (text.length <= SHORT_UNITS) return Int32Array.from(tokenizer.encode(text, options));
    const work = { kind: 'text', text, options } as const;
    return this.#encodeThread().encode(work);
  }

  /** Ends the threads. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([this.#short.close(), this.#long.close(), this.#encoding?.close()]);
  }

  #encodeThread(): EncodeThread {
    const { tokenizer, name } = this.#model;
    if (tokenizer === undefined) throw new WaferError('TOKENIZER_MISSING', { path: name });
    if (this.#isClosed) throw new WaferError('WAFER_CLOSED');
    return (this.#encoding ??= new EncodeThread(tokenizer, name, this.#entries.encode));
  }

  #tokenizer(): Tokenizer {
    const { tokenizer, name } = this.#model;
    if (tokenizer === undefined) throw new WaferError('TOKENIZER_MISSING', { path: name });
    return createTokenizer(tokenizer, name);
  }
}

/** A model's chat templates as they are stored: one, or a list of named ones. */
export function storedTemplates(model: ChatModel): unknown {
  return configOf(model)['chat_template'];
}

/** The model's chat template; of several, the one for tools where there are any. */
export function chatTemplate(model: ChatModel, hasTools = false): string | undefined {
  const value = storedTemplates(model);
  if (typeof value === 'string') return value;
  if (!Array.isArray(value)) return undefined;
  const named = new Map<unknown, unknown>(
    value.filter(isObject).map(({ name, template }) => [name, template]),
  );
  const template = (hasTools ? named.get('tool_use') : undefined) ?? named.get('default');
  return typeof template === 'string' ? template : undefined;
}

/** The model with a chat template in the place of its own; itself where it has no tokenizer. */
export function withChatTemplate<Model extends ChatModel>(model: Model, template: string): Model {
  const { tokenizer } = model;
  if (tokenizer === undefined) return model;
  const tokenizerConfig = { ...configOf(model), chat_template: template };
  const { facts } = tokenizer;
  return {
    ...model,
    tokenizer: {
      // That of a GGUF file is made when it is asked for; spread, it would be left out.
      get tokenizerJson() {
        return tokenizer.tokenizerJson;
      },
      tokenizerConfig,
      ...(facts && { facts }),
    },
  };
}

function configOf(model: ChatModel): Record<string, unknown> {
  const config = model.tokenizer?.tokenizerConfig;
  return isObject(config) ? config : {};
}

/** Texts of the tokens that templates may read. */
export function tokenTexts(model: ChatModel): Record<string, string> {
  const config = configOf(model);
  const entries = TOKEN_NAMES.flatMap((name) => {
    const value = config[name];
    const text = isObject(value) ? value['content'] : value;
    return typeof text === 'string' ? [[name, text] as const] : [];
  });
  return Object.fromEntries(entries);
}

/** `Array.from` walks an iterator, and takes twenty times as long. */
function listOf(ids: Int32Array): number[] {
  const list = new Array<number>(ids.length);
  for (let index = 0; index < ids.length; index++) list[index] = ids[index]!;
  return list;
}

/** Whether a value holds at least so many units of text; it looks no further, nor round again. */
function hasUnits(value: unknown, unitsMax: number): boolean {
  let units = 0;
  const open = [value];
  while (open.length > 0 && units < unitsMax) {
    const next = open.pop();
    units += typeof next === 'string' ? next.length : 1;
    if (typeof next === 'object' && next !== null) {
      for (const [name, item] of Object.entries(next)) {
        units += name.length;
        open.push(item);
        if (units >= unitsMax) return true;
      }
    }
  }
  return units >= unitsMax;
}

function missing(model: ChatModel): WaferError {
  return new WaferError('TEMPLATE_MISSING', { path: model.name });
}
