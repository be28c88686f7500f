/**
 * `POST /v1/moderations`: refused, since no model for it is served, and a guess would be worse.
 */
import { ApiError } from '../errors/api-error.ts';
import type { Endpoint } from '../http/route.ts';
import type { Services } from '../services.ts';
import { clientPaths } from './paths.ts';

export const MODERATIONS: Endpoint<Services> = {
  method: 'POST',
  path: '/v1/moderations',
  aliases: clientPaths('/v1/moderations'),
  summary: 'Refused: no model for moderation is served',
  access: 'user',
  handler: () => {
    const message = 'no model for moderation is served here, and others are not asked';
    throw new ApiError({ status: 400, code: 'not_offered', param: 'model', message });
  },
};
