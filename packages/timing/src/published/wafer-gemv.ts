/**
 * Published: a vector times a matrix, [1, n] x [n, n], fp16.
 *
 * Part of a larger set; other rows are kept to judge the model. Source: WaferLLM (arXiv
 * 2502.04563v3) Table 6.
 */
import { publishedTable } from './published-table.ts';
import type { PublishedTable } from './published-table.ts';

export const WAFER_GEMV: PublishedTable = publishedTable(
  'wafer-gemv',
  ['n', 'dtype', 'system', 'device', 'devices', 'milliseconds'],
  `
16384,fp16,not stated,A100,1,0.336
16384,fp16,not stated,A100,8,0.253
16384,fp16,not stated,A100,16,0.340
16384,fp16,MeshGEMV,WSE-2,1,0.0012
32768,fp16,not stated,A100,1,1.231
32768,fp16,not stated,A100,8,0.341
32768,fp16,not stated,A100,16,0.339
`,
);
