/**
 * How the server is: `/live` the process, `/ready` whether models answer, `/health` both in words.
 *
 * None of them asks an engine anything, so that they answer at once whatever it does.
 */
import type { Endpoint } from '../http/route.ts';
import { json } from '../http/route.ts';
import type { Services } from '../services.ts';

export const LIVE: Endpoint<Services> = {
  method: 'GET',
  path: '/live',
  summary: 'Whether the process runs',
  access: 'open',
  handler: () => json({ status: 'live' }),
};

export const READY: Endpoint<Services> = {
  method: 'GET',
  path: '/ready',
  summary: 'Whether requests are answered: 503 while a model starts anew or the server drains',
  access: 'open',
  handler: (_call, { models, isDraining }) => {
    const isReady = models.isReady && !isDraining();
    const body = { status: isReady ? 'ready' : isDraining() ? 'draining' : 'starting' };
    return { kind: 'json', body, status: isReady ? 200 : 503 };
  },
};

export const HEALTH: Endpoint<Services> = {
  method: 'GET',
  path: '/health',
  aliases: ['/ping'],
  summary: 'The state of each model',
  access: 'open',
  handler: (_call, { models, isDraining }) => {
    const isWell = models.isReady && !isDraining();
    const states = models.entriesOf().map(({ spec, state }) => ({ id: spec.id, state }));
    const body = { status: isWell ? 'ok' : 'unavailable', models: states };
    return { kind: 'json', body, status: isWell ? 200 : 503 };
  },
};
