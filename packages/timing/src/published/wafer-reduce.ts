/**
 * Published: reduce over a line of PEs of WSE-2 in its vendor's fabric simulator.
 *
 * Part of a larger set; other rows are kept to judge the model. Source: pr0f3ss/SpMM_Cerebras,
 * src/mpi_collectives.
 */
import { publishedTable } from './published-table.ts';
import type { PublishedTable } from './published-table.ts';

export const WAFER_REDUCE: PublishedTable = publishedTable(
  'wafer-reduce',
  ['algorithm', 'pes', 'vector_wavelets', 'group_size_pes', 'cycles'],
  `
two-phase,512,4096,2,10055
two-phase,512,4096,8,9117
two-phase,512,4096,32,8973
two-phase,512,4096,128,9297
chain,512,4096,512,7218
`,
);
