/**
 * The server that is measured: its address, what it is called there, and how it wants to be asked.
 *
 * Nothing but the interface of OpenAI is expected. What servers differ in is found out by asking:
 * token ids or words, and whether an answer can be made to have its whole length.
 */
import { WaferError } from '@wafer/core';
import { IDS, promptOfRequest, WORDS } from './prompts.ts';
import type { PromptForm } from './prompts.ts';

/** Where requests go. */
export interface MeasuredServer {
  /** Up to and with `/v1`. */
  baseUrl: string;
  model: string;
  key: string | undefined;
  form: PromptForm;
  isChat: boolean;
  /** Makes answers as long as asked for, where the server has a way. */
  lengthFields: (tokens: number) => Record<string, unknown>;
  /** Sent with every request. */
  headers: Readonly<Record<string, string>>;
}

export interface TargetOptions {
  url: string;
  model?: string | undefined;
  key?: string | undefined;
  isChat?: boolean | undefined;
  headers?: Readonly<Record<string, string>> | undefined;
}

/** Tokens of the question that finds things out. */
const ASKED_TOKENS = 32;

const LENGTH_FIELDS: readonly MeasuredServer['lengthFields'][] = [
  (tokens) => ({ max_tokens: tokens, min_tokens: tokens }),
  (tokens) => ({ max_tokens: tokens, ignore_eos: true }),
  (tokens) => ({ max_tokens: tokens }),
];

/** Finds out how to ask a server. Throws: SERVER_UNUSABLE, with what it said last. */
export async function openTarget(options: TargetOptions): Promise<MeasuredServer> {
  const { key, isChat = false, headers = {} } = options;
  const trimmed = options.url.replace(/\/+$/, '');
  const baseUrl = trimmed.endsWith('/v1') ? trimmed : `${trimmed}/v1`;
  const unusable = (reason: string): never => {
    throw new WaferError('SERVER_UNUSABLE', { url: baseUrl, reason });
  };
  const get = await ask(`${baseUrl}/models`, { key });
  const listed = (get.body['data'] as { id: string }[] | undefined)?.[0]?.id;
  const model = options.model ?? listed ?? unusable(`no list of models: ${get.text}`);
  const forms = isChat ? [WORDS] : [IDS, WORDS];
  let said = get.text;
  for (const form of forms) {
    for (const lengthFields of LENGTH_FIELDS) {
      const target = { baseUrl, model, key, form, isChat, lengthFields, headers };
      const request = { atMs: 0, promptTokens: ASKED_TOKENS, blocks: [], blockTokens: 0 };
      const planned = { ...request, outputTokens: 1 };
      const body = bodyOf(target, promptOfRequest(planned, { number: 0, form }), 1);
      const answer = await ask(pathOf(target), { key, body: { ...body, stream: false } });
      said = answer.text;
      if (answer.status !== 200) continue;
      const usage = answer.body['usage'] as { prompt_tokens?: number } | undefined;
      const tokensPerWord = (usage?.prompt_tokens ?? ASKED_TOKENS) / ASKED_TOKENS;
      return { ...target, form: form.kind === 'ids' ? form : { ...form, tokensPerWord } };
    }
  }
  return unusable(said);
}

/** Tokens of a word of ours, by what the server counts. Throws: SERVER_UNUSABLE. */
export async function tokensOfWord(server: MeasuredServer): Promise<number> {
  const asked = { atMs: 0, promptTokens: ASKED_TOKENS, blocks: [], blockTokens: 0 };
  const prompt = promptOfRequest({ ...asked, outputTokens: 1 }, { number: 0, form: WORDS });
  const body = { ...bodyOf({ ...server, isChat: false }, prompt, 1), stream: false };
  const url = `${server.baseUrl}/completions`;
  const { body: said, text } = await ask(url, { key: server.key, body });
  const usage = said['usage'] as { prompt_tokens: number } | undefined;
  if (usage === undefined) throw new WaferError('SERVER_UNUSABLE', { url, reason: text });
  return usage.prompt_tokens / ASKED_TOKENS;
}

/** Where answers are asked for. */
export function pathOf({ baseUrl, isChat }: MeasuredServer): string {
  return `${baseUrl}/${isChat ? 'chat/completions' : 'completions'}`;
}

/** Headers of every request. */
export function headersOf({
  key,
  headers = {},
}: Partial<Pick<MeasuredServer, 'key' | 'headers'>>): Record<string, string> {
  return { ...headers, ...(key === undefined ? {} : { authorization: `Bearer ${key}` }) };
}

/** What is sent: greedy, so that all servers do the same. */
export function bodyOf(
  { model, isChat, lengthFields }: MeasuredServer,
  prompt: number[] | string,
  outputTokens: number,
): Record<string, unknown> {
  const input = isChat ? { messages: [{ role: 'user', content: prompt }] } : { prompt };
  const common = { model, ...input, temperature: 0, ...lengthFields(outputTokens) };
  return { ...common, stream: true, stream_options: { include_usage: true } };
}

interface Said {
  status: number;
  text: string;
  body: Record<string, unknown>;
}

/** One question whose answer comes whole. Throws: SERVER_UNUSABLE if nobody answers. */
export async function ask(
  url: string,
  { key, body }: { key?: string | undefined; body?: unknown },
): Promise<Said> {
  try {
    const response = await fetch(url, {
      method: body === undefined ? 'GET' : 'POST',
      headers: {
        ...headersOf({ key }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.startsWith('application/json') === true;
    const parsed = isJson ? (JSON.parse(text) as Record<string, unknown>) : {};
    return { status: response.status, text: text.slice(0, 400), body: parsed };
  } catch (error) {
    const { message, cause } = error as Error;
    const reason = Error.isError(cause) ? cause.message : message;
    throw new WaferError('SERVER_UNUSABLE', { url, reason }, { cause: error });
  }
}
