/**
 * Published: decode on WSE-2, batch 1, half precision, no head; 34B and 72B scaled from some
 * layers.
 *
 * Part of a larger set; other rows are kept to judge the model. Source: WaferLLM (arXiv
 * 2502.04563v3) Table 4.
 */
import { publishedTable } from './published-table.ts';
import type { PublishedTable } from './published-table.ts';

export const WAFER_DECODE: PublishedTable = publishedTable(
  'wafer-decode',
  [
    'model',
    'layers',
    'system',
    'machine',
    'grid_width_pes',
    'grid_height_pes',
    'context_tokens',
    'tokens_per_second',
  ],
  `
Llama 3 8B,32,WaferLLM,WSE-2,420,420,4096,2699.9
Llama 3 8B,32,WaferLLM,WSE-2,660,660,4096,2243.3
Llama 3 8B,32,T10,WSE-2,420,420,4096,418.3
Llama 3 8B,32,T10,WSE-2,660,660,4096,265.1
Llama 3 8B,32,Ladder,WSE-2,420,420,4096,14.6
Llama 3 8B,32,Ladder,WSE-2,660,660,4096,11.4
Llama 2 13B,40,WaferLLM,WSE-2,420,420,4096,2039.2
Llama 2 13B,40,WaferLLM,WSE-2,660,660,4096,1739.8
Llama 2 13B,40,T10,WSE-2,420,420,4096,341.8
Llama 2 13B,40,T10,WSE-2,660,660,4096,233.7
Llama 2 13B,40,Ladder,WSE-2,420,420,4096,11.0
Llama 2 13B,40,Ladder,WSE-2,660,660,4096,9.0
CodeLlama 34B,48,WaferLLM,WSE-2,420,420,4096,1450.8
CodeLlama 34B,48,WaferLLM,WSE-2,660,660,4096,1359.2
CodeLlama 34B,48,T10,WSE-2,420,420,4096,278.2
CodeLlama 34B,48,T10,WSE-2,660,660,4096,193.1
CodeLlama 34B,48,Ladder,WSE-2,420,420,4096,6.1
CodeLlama 34B,48,Ladder,WSE-2,660,660,4096,5.8
Qwen2 72B,80,WaferLLM,WSE-2,420,420,4096,839.7
Qwen2 72B,80,WaferLLM,WSE-2,660,660,4096,787.1
Qwen2 72B,80,T10,WSE-2,420,420,4096,168.5
Qwen2 72B,80,T10,WSE-2,660,660,4096,114.6
Qwen2 72B,80,Ladder,WSE-2,420,420,4096,3.2
Qwen2 72B,80,Ladder,WSE-2,660,660,4096,3.4
`,
);
