/**
 * `GET /`: the dashboard, one page that asks nobody but this server. The page holds no data: what
 * it shows it asks for, with the key that its user typed.
 */
import { PAGE_HTML, PAGE_POLICY } from '@wafer/dashboard';
import type { Endpoint } from '../http/route.ts';
import type { Services } from '../services.ts';

const PAGE = Buffer.from(PAGE_HTML);

export const DASHBOARD: Endpoint<Services> = {
  method: 'GET',
  path: '/',
  summary: 'The dashboard and playground, as a page',
  access: 'open',
  handler: () => ({
    kind: 'bytes',
    body: PAGE,
    type: 'text/html; charset=utf-8',
    headers: {
      'content-security-policy': PAGE_POLICY,
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-cache',
    },
  }),
};
