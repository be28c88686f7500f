/**
 * Published: a dense product [n, k] x [k, m] on a grid of PEs, multiply and add one by one.
 *
 * Part of a larger set; other rows are kept to judge the model. Source: pr0f3ss/SpMM_Cerebras,
 * benchmarks.
 */
import { publishedTable } from './published-table.ts';
import type { PublishedTable } from './published-table.ts';

export const WAFER_DENSE_MM: PublishedTable = publishedTable(
  'wafer-dense-mm',
  [
    'grid_width_pes',
    'grid_height_pes',
    'n',
    'k',
    'm',
    'dtype',
    'cycles_avg',
    'cycles_min',
    'cycles_max',
  ],
  `
16,12,768,768,64,fp32,476866,473316,477507
16,48,3072,768,64,fp32,477315,473318,477505
128,8,1024,1024,64,fp32,150760,150182,150996
`,
);
