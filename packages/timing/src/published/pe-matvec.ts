/**
 * Published: cycles of y = A x on one PE of WSE-2 in its vendor's simulator.
 *
 * Part of a larger set; other rows are kept to judge the model. Source:
 * lingzhi227/MIMD_dataflow, running the vendor's single-tile example.
 */
import { publishedTable } from './published-table.ts';
import type { PublishedTable } from './published-table.ts';

export const PE_MATVEC: PublishedTable = publishedTable(
  'pe-matvec',
  ['n', 'dtype', 'cycles_per_matvec'],
  `
10,fp32,169.8
30,fp32,1029.8
50,fp32,2692.8
70,fp32,5152.8
100,fp32,10144.8
`,
);
