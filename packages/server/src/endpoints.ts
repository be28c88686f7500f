/**
 * The table of all endpoints: the router, the OpenAPI document and the tests are made of it.
 */
import { MESSAGES, MESSAGES_COUNT } from './anthropic/messages.ts';
import { BATCHES } from './batches/batches.ts';
import { FILES } from './files/files.ts';
import { UPLOADS } from './files/uploads.ts';
import { TCP_WARMING } from './cerebras/warming.ts';
import { FINE_TUNING } from './fine-tuning/jobs.ts';
import { json } from './http/route.ts';
import type { KeyScope } from './http/keys.ts';
import type { Endpoint } from './http/route.ts';
import { OLLAMA_CHAT, OLLAMA_GENERATE } from './ollama/ollama-answers.ts';
import { OLLAMA_LOADS, OLLAMA_MODELS, OLLAMA_VECTORS } from './ollama/ollama-models.ts';
import { CHAT_COMPLETIONS } from './openai/chat-completions.ts';
import { STORED_CHATS } from './openai/chat-stored.ts';
import { COMPLETIONS } from './openai/completions.ts';
import { EMBEDDINGS } from './openai/embeddings.ts';
import { MODEL_GET, MODELS_LIST } from './openai/models.ts';
import { MODERATIONS } from './openai/moderations.ts';
import { DETOKENIZE, TOKENIZE } from './openai/tokenize.ts';
import { openApiDocument } from './openapi/document.ts';
import { DASHBOARD } from './dashboard/page.ts';
import { LIVE_VIEW } from './dashboard/live.ts';
import { HEALTH, LIVE, READY } from './ops/health.ts';
import { RESPONSE_TOOLS } from './responses/compact.ts';
import { RESPONSE_CREATE } from './responses/create-response.ts';
import { STORED_RESPONSES } from './responses/stored-responses.ts';
import { ADMIN } from './admin/admin.ts';
import { DIRECTORY } from './admin/directory.ts';
import { USAGE } from './admin/usage.ts';
import { METRICS } from './ops/metrics.ts';
import type { Services } from './services.ts';

const OPENAPI: Endpoint<Services> = {
  method: 'GET',
  path: '/openapi.json',
  summary: 'This document',
  access: 'user',
  handler: (_call, { version }) => json(openApiDocument(ENDPOINTS, { version })),
};

/** What keys that are bound to scopes need for them. */
function scoped(
  scope: KeyScope,
  endpoints: readonly Endpoint<Services>[],
): readonly Endpoint<Services>[] {
  return endpoints.map((endpoint) => ({ ...endpoint, scope }));
}

export const ENDPOINTS: readonly Endpoint<Services>[] = [
  ...scoped('inference', [
    ...[CHAT_COMPLETIONS, COMPLETIONS, EMBEDDINGS, MODERATIONS, TOKENIZE, DETOKENIZE],
    ...[RESPONSE_CREATE, ...RESPONSE_TOOLS, MESSAGES, MESSAGES_COUNT],
    ...[OLLAMA_CHAT, OLLAMA_GENERATE, ...OLLAMA_VECTORS, ...OLLAMA_LOADS],
  ]),
  ...scoped('storage', [
    ...[...STORED_CHATS, ...STORED_RESPONSES],
    ...[...FILES, ...UPLOADS, ...BATCHES, ...FINE_TUNING],
  ]),
  ...[MODELS_LIST, MODEL_GET, ...OLLAMA_MODELS, ...ADMIN, ...DIRECTORY, ...USAGE],
  ...[TCP_WARMING, DASHBOARD, LIVE_VIEW],
  ...[HEALTH, LIVE, READY, METRICS, OPENAPI],
];
