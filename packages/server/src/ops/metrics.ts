/**
 * `GET /metrics`: what the server and its engines count, for Prometheus.
 */
import type { Endpoint } from '../http/route.ts';
import type { Services } from '../services.ts';

export const METRICS: Endpoint<Services> = {
  method: 'GET',
  path: '/metrics',
  summary: "Figures in Prometheus' form",
  access: 'audit',
  handler: async (_call, { figures, models }) => ({
    kind: 'text',
    body: await figures.text(models.entries),
    type: figures.contentType,
  }),
};
