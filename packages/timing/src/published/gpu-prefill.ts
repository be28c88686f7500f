/**
 * Published: prefill on A100 with SGLang.
 *
 * Part of a larger set; other rows are kept to judge the model. Source: WaferLLM (arXiv
 * 2502.04563v3) Table 3.
 */
import { publishedTable } from './published-table.ts';
import type { PublishedTable } from './published-table.ts';

export const GPU_PREFILL: PublishedTable = publishedTable(
  'gpu-prefill',
  ['model', 'layers', 'gpu', 'gpus', 'nodes', 'stack', 'prompt_tokens', 'tokens_per_second'],
  `
Llama 3 8B,32,A100,1,1,SGLang,4096,13988.3
Llama 3 8B,32,A100,8,1,SGLang,4096,17361.6
Llama 3 8B,32,A100,16,2,SGLang,4096,13994.2
Llama 2 13B,40,A100,1,1,SGLang,4096,7805.1
Llama 2 13B,40,A100,8,1,SGLang,4096,12287.1
CodeLlama 34B,48,A100,1,1,SGLang,4096,5382.5
CodeLlama 34B,48,A100,8,1,SGLang,4096,7155.5
CodeLlama 34B,48,A100,16,2,SGLang,4096,6409.2
Qwen2 72B,80,A100,1,1,SGLang,4096,1677.3
Qwen2 72B,80,A100,8,1,SGLang,4096,3803.8
Qwen2 72B,80,A100,16,2,SGLang,4096,3750.5
`,
);
