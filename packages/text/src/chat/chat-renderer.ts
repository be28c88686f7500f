/**
 * Messages of a chat as token ids, by the model's own template.
 *
 *     messages ─ protect → template in its thread → text ─ cut at special tokens → ids
 */
import { isObject, WaferError } from '@wafer/core';
import type { TokenizerDescription } from '../tokenizer/tokenizer-facts.ts';
import { createTokenizer, type Tokenizer } from '../tokenizer/tokenizer.ts';
import { templateMessages, type ChatMessage, type RenderOptions } from './messages.ts';
import { encodeOutput, Protector } from './protect.ts';
import { TemplateThread, type TemplateLimits } from './template-thread.ts';

/** What chats need to know of a model. */
export interface ChatModel {
  /** Names the model in errors. */
  readonly name: string;
  readonly tokenizer: TokenizerDescription | undefined;
}

/** A chat as the model reads it. */
export interface RenderedChat {
  /** For people: special tokens look like text that spells them. */
  text: string;
  tokens: number[];
}

/** Names of tokens that templates may read. */
const TOKEN_NAMES = ['bos_token', 'eos_token', 'unk_token', 'pad_token', 'sep_token', 'cls_token'];

export class ChatRenderer {
  readonly #model: ChatModel;
  readonly #thread: TemplateThread;

  /** `entry` is the program of the template's thread. */
  constructor(model: ChatModel, entry: URL, limits: Partial<TemplateLimits> = {}) {
    this.#model = model;
    this.#thread = new TemplateThread(model.name, entry, limits);
  }

  /**
   * Throws: TEMPLATE_MISSING, TEMPLATE_INVALID, TEMPLATE_LIMIT, TEMPLATE_REFUSED, REQUEST_INVALID,
   * TOKENIZER_MISSING.
   */
  async render(
    messages: readonly ChatMessage[],
    options: RenderOptions = {},
  ): Promise<RenderedChat> {
    const { tools, addGenerationPrompt = true, variables = {}, now = new Date() } = options;
    const tokenizer = this.#tokenizer();
    const template = chatTemplate(this.#model, tools !== undefined && tools.length > 0);
    if (template === undefined) throw missing(this.#model);
    const given = { ...variables, tools: tools ?? null };
    const plain = templateMessages(messages);
    const texts = tokenTexts(this.#model);
    const protector = new Protector(tokenizer.special, template + textOf([plain, given, texts]));
    const safeMessages = plain.map(({ role, ...rest }) => ({
      role,
      ...(protector.protect(rest) as object),
    }));
    const output = await this.#thread.render({
      template,
      variables: {
        ...(protector.protect(given) as object),
        ...texts,
        messages: safeMessages,
        add_generation_prompt: addGenerationPrompt,
      },
      standIns: protector.standIns,
      nowMs: now.getTime(),
    });
    const tokens = encodeOutput(output, protector, tokenizer);
    return { text: protector.clean(output), tokens };
  }

  close(): Promise<void> {
    return this.#thread.close();
  }

  #tokenizer(): Tokenizer {
    const { tokenizer, name } = this.#model;
    if (tokenizer === undefined) throw new WaferError('TOKENIZER_MISSING', { path: name });
    return createTokenizer(tokenizer, name);
  }
}

/** The model's chat template; of several, the one for tools where there are any. */
export function chatTemplate(model: ChatModel, hasTools = false): string | undefined {
  const value = configOf(model)['chat_template'];
  if (typeof value === 'string') return value;
  if (!Array.isArray(value)) return undefined;
  const named = new Map<unknown, unknown>(
    value.filter(isObject).map(({ name, template }) => [name, template]),
  );
  const template = (hasTools ? named.get('tool_use') : undefined) ?? named.get('default');
  return typeof template === 'string' ? template : undefined;
}

function configOf(model: ChatModel): Record<string, unknown> {
  const config = model.tokenizer?.tokenizerConfig;
  return isObject(config) ? config : {};
}

function tokenTexts(model: ChatModel): Record<string, string> {
  const config = configOf(model);
  const entries = TOKEN_NAMES.flatMap((name) => {
    const value = config[name];
    const text = isObject(value) ? value['content'] : value;
    return typeof text === 'string' ? [[name, text] as const] : [];
  });
  return Object.fromEntries(entries);
}

/** All text of a value, to find characters that are not in it. Throws: REQUEST_INVALID. */
function textOf(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch {
    const expected = 'plain data that JSON can hold';
    throw new WaferError('REQUEST_INVALID', { field: 'messages', value: 'other', expected });
  }
}

function missing(model: ChatModel): WaferError {
  return new WaferError('TEMPLATE_MISSING', { path: model.name });
}
