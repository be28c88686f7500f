/**
 * The table of all endpoints: the router, the OpenAPI document and the tests are made of it.
 */
import type { Endpoint } from './http/route.ts';
import { json } from './http/route.ts';
import { CHAT_COMPLETIONS } from './openai/chat-completions.ts';
import { STORED_CHATS } from './openai/chat-stored.ts';
import { MODEL_GET, MODELS_LIST } from './openai/models.ts';
import { openApiDocument } from './openapi/document.ts';
import { HEALTH, LIVE, READY } from './ops/health.ts';
import type { Services } from './services.ts';

const OPENAPI: Endpoint<Services> = {
  method: 'GET',
  path: '/openapi.json',
  summary: 'This document',
  access: 'user',
  handler: (_call, { version }) => json(openApiDocument(ENDPOINTS, { version })),
};

export const ENDPOINTS: readonly Endpoint<Services>[] = [
  CHAT_COMPLETIONS,
  ...STORED_CHATS,
  MODELS_LIST,
  MODEL_GET,
  HEALTH,
  LIVE,
  READY,
  OPENAPI,
];
