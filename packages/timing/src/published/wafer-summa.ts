/**
 * Published: phases of a 4 x 4 SUMMA product of 14 x 14 fp32 tiles in 4 steps, vendor simulator.
 *
 * Part of a larger set; other rows are kept to judge the model. Source: Wang-oss-tech/csl-
 * experiments, gemm.
 */
import { publishedTable } from './published-table.ts';
import type { PublishedTable } from './published-table.ts';

export const WAFER_SUMMA: PublishedTable = publishedTable(
  'wafer-summa',
  ['phase', 'cycles'],
  `
host_to_device,7226
compute,45783
one_fmacs_length_14,58
broadcast_196_words,201
device_to_host,10522
total,64013
vendor_library_total,109574
hand_multicast_total,103244
`,
);
