/**
 * Published: single figures of works on wafers, a line each.
 *
 * Part of a larger set; other rows are kept to judge the model. Source: the papers and
 * repositories named; some second hand.
 */
import { publishedTable } from './published-table.ts';
import type { PublishedTable } from './published-table.ts';

export const WAFER_ANCHORS: PublishedTable = publishedTable(
  'wafer-anchors',
  ['work', 'machine', 'systems', 'quantity', 'value', 'unit'],
  `
"Rocki et al., BiCGStab",CS-1,1,sustained,0.86,PFLOP/s
"Rocki et al., BiCGStab",CS-1,1,"time per iteration, 44 FLOP per point",28.1,us
"Rocki et al., BiCGStab",CS-1,1,"sustained, from 44 x 5.4835e8 / 28.1 us",0.859,PFLOP/s
"Orenes-Vera et al., wsFFT",CS-2,1,time,959,us
"Jacquelin et al., 25-point wave stencil",CS-2,1,sustained,503,TFLOP/s
"Jacquelin et al., 25-point wave stencil",CS-2,1,speed ratio,228,x
"Oppelstrup et al., Domain Translation",CS-3,64,sustained,112,PFLOP/s
"Oppelstrup et al., Domain Translation",CS-3,64,sustained,84,PFLOP/s
"Oppelstrup et al., Domain Translation",CS-3,64,efficiency,57,GFLOP/J
"Oppelstrup et al., Domain Translation",CS-3,64,time steps,1600000,steps/s
"Oppelstrup et al., Domain Translation",CS-3,64,weak-scaling efficiency,98,percent
"Belli and De Sensi, CStencil",WSE-3,1,speed ratio,342,x
CStencil raw rows,WSE-3,1,time,4.112,us
CStencil raw rows,WSE-3,1,time,2.431,us
CStencil raw rows,WSE-3,1,time,2.751,us
CStencil raw rows,WSE-3,1,time,9.963,us
CStencil raw rows,WSE-3,1,rate,2.49,GStencil/s
MLIR/xDSL stencil compiler,WSE-3,1,speed ratio,14,x
MLIR/xDSL stencil compiler,WSE-3,1,speed ratio,20,x
"Tramm et al., Monte Carlo cross sections",CS-2,1,speed ratio,130,x
single-PE matvec scaled to the wafer,WSE-2,1,"memory bandwidth, relative counting",2.55,PB/s
single-PE matvec scaled to the wafer,WSE-2,1,"memory bandwidth, absolute counting",7.52,PB/s
single-PE matvec scaled to the wafer,WSE-2,1,fp32 rate,1.24,PFLOP/s
"SpMM, CSR",WSE-2,1,"cycles, average over PEs",29878,cycles
"SpMM, CSR",WSE-2,1,"cycles, minimum over PEs",19545,cycles
"SpMM, CSR",WSE-2,1,"cycles, maximum over PEs",40680,cycles
Near-Optimal Wafer-Scale Reduce,CS-2,1,speed ratio,3.27,x
Near-Optimal Wafer-Scale Reduce,CS-2,1,speed ratio,2.56,x
WaferLLM,WSE-2,1,speed ratio,4.6,x
WaferLLM,WSE-2,1,maximum decode length,382,tokens
WaferLLM,WSE-2,1,maximum decode length,16,tokens
WaferLLM,WSE-2,1,maximum decode length,137548,tokens
WaferLLM,WSE-2,1,maximum decode length,6168,tokens
`,
);
