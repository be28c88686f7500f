/**
 * Published: decode on GPUs, batch 1.
 *
 * Part of a larger set; other rows are kept to judge the model. Source: WaferLLM (arXiv
 * 2502.04563v3) Table 4 where no tokens are generated: steady decode. Else argonne-lcf/LLM-
 * Inference-Bench: request latency / 1024, prefill and host of 2024 included.
 */
import { publishedTable } from './published-table.ts';
import type { PublishedTable } from './published-table.ts';

export const GPU_DECODE: PublishedTable = publishedTable(
  'gpu-decode',
  [
    'model',
    'layers',
    'gpu',
    'gpus',
    'nodes',
    'tensor_parallel',
    'pipeline_parallel',
    'expert_parallel',
    'stack',
    'prompt_tokens',
    'generated_tokens',
    'milliseconds_per_token',
  ],
  `
Llama 3 8B,32,A100,1,1,1,1,1,SGLang,4096,,12.7
Llama 3 8B,32,A100,8,1,8,1,1,SGLang,4096,,3.84
Llama 3 8B,32,A100,16,2,16,1,1,SGLang,4096,,6.08
Llama 2 13B,40,A100,1,1,1,1,1,SGLang,4096,,20.5
Llama 2 13B,40,A100,8,1,8,1,1,SGLang,4096,,5.69
CodeLlama 34B,48,A100,1,1,1,1,1,SGLang,4096,,38.3
CodeLlama 34B,48,A100,8,1,8,1,1,SGLang,4096,,9.96
CodeLlama 34B,48,A100,16,2,16,1,1,SGLang,4096,,11.8
Qwen2 72B,80,A100,1,1,1,1,1,SGLang,4096,,94.3
Qwen2 72B,80,A100,8,1,8,1,1,SGLang,4096,,19.5
Qwen2 72B,80,A100,16,2,16,1,1,SGLang,4096,,20.5
Llama 3 8B,32,A100,1,1,1,1,1,TensorRT-LLM,1024,1024,14.51
Llama 3 8B,32,A100,2,1,2,1,1,TensorRT-LLM,1024,1024,9.44
Llama 3 8B,32,A100,4,1,4,1,1,TensorRT-LLM,1024,1024,6.64
Llama 3 8B,32,A100,1,1,1,1,1,vLLM,1024,1024,14.59
Llama 3 8B,32,A100,2,1,2,1,1,vLLM,1024,1024,9.81
Llama 3 8B,32,H100,1,1,1,1,1,TensorRT-LLM,1024,1024,7.55
Llama 3 8B,32,H100,2,1,2,1,1,TensorRT-LLM,1024,1024,5.65
Llama 3 8B,32,H100,4,1,4,1,1,TensorRT-LLM,1024,1024,4.42
Llama 3 8B,32,H100,1,1,1,1,1,vLLM,1024,1024,7.91
Llama 3 8B,32,H100,2,1,2,1,1,vLLM,1024,1024,6.53
Llama 3 8B,32,H100,4,1,4,1,1,vLLM,1024,1024,5.87
Llama 3 8B,32,GH200,1,1,1,1,1,TensorRT-LLM,1024,1024,6.02
Llama 3 8B,32,MI300X,1,1,1,1,1,vLLM,1024,1024,10.29
Llama 3 8B,32,MI300X,2,1,2,1,1,vLLM,1024,1024,10.83
Llama 3 8B,32,MI300X,4,1,4,1,1,vLLM,1024,1024,10.46
Llama 3 8B,32,MI300X,8,1,8,1,1,vLLM,1024,1024,9.85
Llama 2 70B,80,A100,4,1,4,1,1,TensorRT-LLM,1024,1024,36.06
Llama 2 70B,80,A100,4,1,1,4,1,TensorRT-LLM,1024,1024,107.61
`,
);
