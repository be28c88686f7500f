/**
 * One streamed request, timed from when it was meant to leave.
 *
 *     intended ── sent ───── first token ── token ── token ── end
 *        └─────── ttft ───────────┘└─ gap ─┘└─ gap ─┘
 *
 * A client that waits to send would hide the queue that it waits in (coordinated omission); here
 * what a late sender loses is the request's. Clock: wall, of this process.
 */
import { Agent, request as startRequest } from 'node:http';
import type { IncomingMessage } from 'node:http';

/** What became of a request; times in milliseconds. */
export interface RequestRecord {
  number: number;
  /** From the start of the run on. */
  intendedMs: number;
  sentMs: number;
  /** 429 and 503 are refusals, other answers than 200 and broken streams failures. */
  outcome: 'answered' | 'refused' | 'failed';
  status: number;
  /** Of a refusal, after sending. */
  refusedAfterMs: number | undefined;
  /** From the intended time to the first token. */
  ttftMs: number | undefined;
  /** From the intended time to the last byte. */
  endToEndMs: number;
  /** Between tokens that came one after the other. */
  gapsMs: number[];
  promptTokens: number;
  cachedTokens: number;
  outputTokens: number;
  acceptedTokens: number;
  /** What it said, put together. */
  text: string;
}

/** What is asked, and of whom. */
export interface StreamCall {
  url: string;
  headers: Readonly<Record<string, string>>;
  /** In JSON. */
  body: string;
  number: number;
  intendedMs: number;
  /** Of `performance.now()`, at the start of the run. */
  originMs: number;
  agent: Agent;
  signal: AbortSignal;
}

/** Connections that stay open between requests, as many as are needed. */
export function makeAgent(): Agent {
  return new Agent({ keepAlive: true, maxSockets: Infinity, maxFreeSockets: 256 });
}

const REFUSALS: ReadonlySet<number> = new Set([429, 503]);

/** Sends it now and reads to the end. Never throws but for the signal's reason. */
export async function streamRequest(call: StreamCall): Promise<RequestRecord> {
  const { originMs, intendedMs, signal } = call;
  const nowMs = (): number => performance.now() - originMs;
  const record: RequestRecord = {
    ...{ number: call.number, intendedMs, sentMs: nowMs(), outcome: 'failed', status: 0 },
    ...{ refusedAfterMs: undefined, ttftMs: undefined, endToEndMs: 0, gapsMs: [] },
    ...{ promptTokens: 0, cachedTokens: 0, outputTokens: 0, acceptedTokens: 0, text: '' },
  };
  try {
    const response = await send(call);
    record.status = response.statusCode ?? 0;
    if (record.status === 200) await read(response, record, nowMs);
    else {
      record.refusedAfterMs = nowMs() - record.sentMs;
      if (REFUSALS.has(record.status)) record.outcome = 'refused';
      for await (const chunk of response) record.text += String(chunk);
    }
  } catch (error) {
    signal.throwIfAborted();
    record.outcome = 'failed';
    record.text = String(error);
  }
  record.endToEndMs = nowMs() - intendedMs;
  return record;
}

function send({ url, headers, body, agent, signal }: StreamCall): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const length = String(Buffer.byteLength(body));
    const all = { ...headers, 'content-type': 'application/json', 'content-length': length };
    const asked = startRequest(url, { method: 'POST', agent, signal, headers: all }, resolve);
    asked.once('error', reject);
    asked.end(body);
  });
}

interface StreamEvent {
  error?: unknown;
  choices?: { text?: string | null; delta?: Record<string, unknown> }[];
  usage?: {
    prompt_tokens: number;
    completion_tokens: number;
    prompt_tokens_details?: { cached_tokens?: number } | null;
    completion_tokens_details?: { accepted_prediction_tokens?: number } | null;
  } | null;
}

/** Reads server-sent events; a stream without its last word is a failure. */
async function read(
  response: IncomingMessage,
  record: RequestRecord,
  nowMs: () => number,
): Promise<void> {
  response.setEncoding('utf8');
  let rest = '';
  let lastMs = 0;
  for await (const chunk of response) {
    const atMs = nowMs();
    const parts = (rest + String(chunk)).split(/\r?\n\r?\n/);
    rest = parts.pop()!;
    for (const part of parts) {
      const data = /^data: ?(.*)$/m.exec(part)?.[1]!.trimEnd() ?? '';
      if (data === '[DONE]') record.outcome = 'answered';
      if (data === '' || data === '[DONE]') continue;
      const event = JSON.parse(data) as StreamEvent;
      if (event.error !== undefined) throw new Error(data.slice(0, 200));
      take(event, record);
      if (!hasText(event)) continue;
      if (record.ttftMs === undefined) record.ttftMs = atMs - record.intendedMs;
      else record.gapsMs.push(atMs - lastMs);
      lastMs = atMs;
    }
  }
}

function hasText({ choices }: StreamEvent): boolean {
  const { text, delta } = choices?.[0] ?? {};
  const parts = [text, delta?.['content'], delta?.['reasoning'], delta?.['tool_calls']];
  return parts.some((part) => part !== undefined && part !== null && part !== '');
}

function take({ usage, choices }: StreamEvent, record: RequestRecord): void {
  const { text, delta } = choices?.[0] ?? {};
  record.text += text ?? String(delta?.['content'] ?? '');
  if (usage === undefined || usage === null) return;
  record.promptTokens = usage.prompt_tokens;
  record.outputTokens = usage.completion_tokens;
  record.cachedTokens = usage.prompt_tokens_details?.cached_tokens ?? 0;
  record.acceptedTokens = usage.completion_tokens_details?.accepted_prediction_tokens ?? 0;
}
