/**
 * Published: prefill on WSE-2, half precision; 34B and 72B scaled from some layers.
 *
 * Part of a larger set; other rows are kept to judge the model. Source: WaferLLM (arXiv
 * 2502.04563v3) Table 3.
 */
import { publishedTable } from './published-table.ts';
import type { PublishedTable } from './published-table.ts';

export const WAFER_PREFILL: PublishedTable = publishedTable(
  'wafer-prefill',
  [
    'model',
    'layers',
    'system',
    'machine',
    'grid_width_pes',
    'grid_height_pes',
    'prompt_tokens',
    'tokens_per_second',
  ],
  `
Llama 3 8B,32,WaferLLM,WSE-2,480,480,4096,20320.6
Llama 3 8B,32,WaferLLM,WSE-2,720,720,4096,27686.5
Llama 3 8B,32,T10,WSE-2,480,480,4096,175.0
Llama 3 8B,32,T10,WSE-2,720,720,4096,132.8
Llama 3 8B,32,Ladder,WSE-2,480,480,4096,61.8
Llama 3 8B,32,Ladder,WSE-2,720,720,4096,31.3
Llama 2 13B,40,WaferLLM,WSE-2,480,480,4096,13685.1
Llama 2 13B,40,WaferLLM,WSE-2,720,720,4096,17498.3
Llama 2 13B,40,T10,WSE-2,480,480,4096,121.3
Llama 2 13B,40,T10,WSE-2,720,720,4096,81.3
Llama 2 13B,40,Ladder,WSE-2,480,480,4096,47.3
Llama 2 13B,40,Ladder,WSE-2,720,720,4096,24.2
CodeLlama 34B,48,WaferLLM,WSE-2,480,480,4096,5471.4
CodeLlama 34B,48,WaferLLM,WSE-2,720,720,4096,8526
CodeLlama 34B,48,T10,WSE-2,480,480,4096,49.1
CodeLlama 34B,48,T10,WSE-2,720,720,4096,41.2
CodeLlama 34B,48,Ladder,WSE-2,480,480,4096,30.1
CodeLlama 34B,48,Ladder,WSE-2,720,720,4096,17.7
Qwen2 72B,80,WaferLLM,WSE-2,480,480,4096,2785.2
Qwen2 72B,80,WaferLLM,WSE-2,720,720,4096,4421.6
Qwen2 72B,80,T10,WSE-2,480,480,4096,24.9
Qwen2 72B,80,T10,WSE-2,720,720,4096,21.5
Qwen2 72B,80,Ladder,WSE-2,480,480,4096,16.8
Qwen2 72B,80,Ladder,WSE-2,720,720,4096,10.1
`,
);
