/**
 * A chat as a model learns from it: what it was given, and the answers that it is to give.
 *
 *     User: Hello⏎Assistant:⏎ │ Hi.<end> │ ⏎User: Bye⏎Assistant:⏎ │ Bye.<end>
 *     given                     answer     given                   answer
 *
 * The template is filled in with the messages up to each answer, without it and with it; what came
 * with it is the answer. So a template must write a chat's beginning alike whatever follows: one
 * that drops earlier thoughts does not, and is refused for such chats.
 */
import { WaferError } from '@wafer/core';
import { createTokenizer } from '../tokenizer/tokenizer.ts';
import { chatTemplate, tokenTexts, withChatTemplate, type ChatModel } from './chat-renderer.ts';
import { templateMessages, type ChatMessage } from './messages.ts';
import { encodeOutput, Protector } from './protect.ts';
import { renderChat } from './render-chat.ts';
import { TEMPLATE_LIMITS } from './template-thread.ts';

/** Tokens of a chat that are the model's own, or not. */
export interface ChatPart {
  tokens: number[];
  isAnswer: boolean;
}

/** Roles by name, a line before each text; an answer ends with the end token. */
const ROLE_TEMPLATE: string =
  '{% if bos_token %}{{ bos_token }}{% endif %}' +
  '{% for m in messages %}{% if not loop.first %}\n{% endif %}' +
  '{{ m.role | capitalize }}:\n{{ m.content }}' +
  "{% if m.role == 'assistant' %}{{ eos_token }}{% endif %}{% endfor %}" +
  '{% if add_generation_prompt %}\nAssistant:\n{% endif %}';

/** A model itself if it has a chat template, else with `ROLE_TEMPLATE`. */
export function withRoleTemplate<Model extends ChatModel>(model: Model): Model {
  return chatTemplate(model) === undefined ? withChatTemplate(model, ROLE_TEMPLATE) : model;
}

/**
 * The parts of a chat, in this thread: for templates that are trusted. `strftime_now` tells 1970.
 * Throws: TEMPLATE_*, TOKENIZER_MISSING, REQUEST_INVALID.
 */
export function chatParts(model: ChatModel, messages: readonly ChatMessage[]): ChatPart[] {
  const tokenizer = createTokenizer(tokenizerOf(model), model.name);
  const { special } = tokenizer;
  const fill = filler(model, messages, special);
  const whole = fill(messages.length, false);
  const protector = new Protector(special, whole.standIns);
  const wholeText = protector.clean(whole.output);
  const parts: ChatPart[] = [];
  let end = 0;
  const cutAt = (next: number, isAnswer: boolean): void => {
    const output = whole.output.slice(end, next);
    end = next;
    if (output === '') return;
    const tokens = encodeOutput(output, protector, { tokenizer, tokensMax: Infinity });
    parts.push({ tokens, isAnswer });
  };
  messages.forEach(({ role }, index) => {
    if (role !== 'assistant') return;
    for (const [count, asks] of [[index, true] as const, [index + 1, false] as const]) {
      // Stand-ins are as long as what they stand for.
      const { output, standIns } = fill(count, asks);
      const text = new Protector(special, standIns).clean(output);
      if (!wholeText.startsWith(text)) throw notAlike(model, index);
      cutAt(text.length, !asks);
    }
  });
  cutAt(whole.output.length, false);
  return parts;
}

/** Fills in the template with the first messages; `asks`: for an answer to them. */
function filler(
  model: ChatModel,
  messages: readonly ChatMessage[],
  special: ReadonlyMap<string, number>,
): (count: number, asks: boolean) => Pick<Filled, 'output' | 'standIns'> {
  const template = chatTemplate(model);
  if (template === undefined) throw new WaferError('TEMPLATE_MISSING', { path: model.name });
  const plain = templateMessages(messages);
  const { stepsMax, charactersMax } = TEMPLATE_LIMITS;
  return (count, asks) => {
    const own = { ...tokenTexts(model), add_generation_prompt: asks };
    const task = { template, messages: plain.slice(0, count), given: { tools: null }, own };
    const result = renderChat({ ...task, special, nowMs: 0, stepsMax, charactersMax });
    if (result.kind === 'chat') return result;
    const path = model.name;
    if (result.kind === 'request') throw new WaferError('REQUEST_INVALID', result.details);
    if (result.kind === 'limit') {
      const { limit, allowed } = result;
      throw new WaferError('TEMPLATE_LIMIT', { path, limit, allowed });
    }
    const code = result.kind === 'refused' ? 'TEMPLATE_REFUSED' : 'TEMPLATE_INVALID';
    throw new WaferError(code, { path, reason: result.reason });
  };
}

type Filled = Extract<ReturnType<typeof renderChat>, { kind: 'chat' }>;

function tokenizerOf({ tokenizer, name }: ChatModel): NonNullable<ChatModel['tokenizer']> {
  if (tokenizer === undefined) throw new WaferError('TOKENIZER_MISSING', { path: name });
  return tokenizer;
}

function notAlike({ name: path }: ChatModel, index: number): WaferError {
  const reason = `it writes message ${index}, or what is before it, otherwise when more follows`;
  return new WaferError('TEMPLATE_INVALID', { path, reason });
}
