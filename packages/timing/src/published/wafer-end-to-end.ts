/**
 * Published: tokens of an answer over the time of prompt and answer.
 *
 * Part of a larger set; other rows are kept to judge the model. Source: WaferLLM (arXiv
 * 2502.04563v3) Table 2. SGLang rows of 2048/128 are about half of what its Tables 3 and 4 give.
 */
import { publishedTable } from './published-table.ts';
import type { PublishedTable } from './published-table.ts';

export const WAFER_END_TO_END: PublishedTable = publishedTable(
  'wafer-end-to-end',
  [
    'model',
    'system',
    'machine',
    'devices',
    'prompt_tokens',
    'generated_tokens',
    'tokens_per_second',
    'prefill_grid_side_pes',
    'decode_grid_side_pes',
  ],
  `
Llama 3 8B,WaferLLM,WSE-2,1,2048,128,764.4,660,360
Llama 3 8B,WaferLLM,WSE-2,1,4096,4096,2459.0,660,360
Llama 3 8B,T10,WSE-2,1,2048,128,4.6,,
Llama 3 8B,T10,WSE-2,1,4096,4096,94.6,,
Llama 3 8B,Ladder,WSE-2,1,2048,128,1.2,,
Llama 3 8B,Ladder,WSE-2,1,4096,4096,8.7,,
Llama 3 8B,SGLang,A100,1,2048,128,34.8,,
Llama 3 8B,SGLang,A100,1,4096,4096,78.4,,
Llama 3 8B,SGLang,A100,8,2048,128,117.2,,
Llama 3 8B,SGLang,A100,8,4096,4096,256.1,,
Llama 3 8B,SGLang,A100,16,2048,128,73.7,,
Llama 3 8B,SGLang,A100,16,4096,4096,162.5,,
Llama 2 13B,WaferLLM,WSE-2,1,2048,128,473.9,750,375
Llama 2 13B,WaferLLM,WSE-2,1,4096,4096,1826.0,750,375
Llama 2 13B,T10,WSE-2,1,2048,128,2.6,,
Llama 2 13B,T10,WSE-2,1,4096,4096,58.3,,
Llama 2 13B,Ladder,WSE-2,1,2048,128,0.7,,
Llama 2 13B,Ladder,WSE-2,1,4096,4096,6.1,,
Llama 2 13B,SGLang,A100,1,2048,128,20.4,,
Llama 2 13B,SGLang,A100,1,4096,4096,47.9,,
Llama 2 13B,SGLang,A100,8,2048,128,79.6,,
Llama 2 13B,SGLang,A100,8,4096,4096,172.4,,
`,
);
