/**
 * Published: energy of GPUs over that of WSE-2, as time times nameplate power, 400 W and 15 kW.
 *
 * Part of a larger set; other rows are kept to judge the model. Source: WaferLLM (arXiv
 * 2502.04563v3) Tables 6 to 8. Nobody measured power.
 */
import { publishedTable } from './published-table.ts';
import type { PublishedTable } from './published-table.ts';

export const WAFER_ENERGY_RATIOS: PublishedTable = publishedTable(
  'wafer-energy-ratios',
  [
    'workload',
    'model',
    'prompt_or_context_tokens',
    'gpu',
    'gpus',
    'wafer',
    'gpu_to_wafer_energy_ratio',
  ],
  `
GEMV 16384 x 16384 fp16,,,A100,1,WSE-2,7.47
GEMV 16384 x 16384 fp16,,,A100,8,WSE-2,44.97
GEMV 16384 x 16384 fp16,,,A100,16,WSE-2,120.88
prefill,Llama 3 8B,4096,A100,1,WSE-2,0.05
prefill,Llama 3 8B,4096,A100,8,WSE-2,0.34
prefill,Llama 3 8B,4096,A100,16,WSE-2,0.84
prefill,Llama 2 13B,4096,A100,1,WSE-2,0.06
prefill,Llama 2 13B,4096,A100,8,WSE-2,0.30
decode,Llama 3 8B,4096,A100,1,WSE-2,0.92
decode,Llama 3 8B,4096,A100,8,WSE-2,2.22
decode,Llama 3 8B,4096,A100,16,WSE-2,7.02
decode,Llama 2 13B,4096,A100,1,WSE-2,1.13
decode,Llama 2 13B,4096,A100,8,WSE-2,2.49
`,
);
