/**
 * Published: decode attention of one sequence.
 *
 * Part of a larger set; other rows are kept to judge the model. Source: ai-
 * dynamo/aiconfigurator, measured kernels.
 */
import { publishedTable } from './published-table.ts';
import type { PublishedTable } from './published-table.ts';

export const GPU_ATTENTION: PublishedTable = publishedTable(
  'gpu-attention',
  [
    'gpu',
    'stack',
    'batch',
    'query_heads',
    'kv_heads',
    'head_dim',
    'kv_dtype',
    'context_tokens',
    'microseconds',
  ],
  `
H100,TensorRT-LLM 1.3.0rc20,1,32,8,128,bf16,1,8.5
H100,TensorRT-LLM 1.3.0rc20,1,32,8,128,bf16,1024,12.6
H100,TensorRT-LLM 1.3.0rc20,1,32,8,128,bf16,4096,15.2
H100,TensorRT-LLM 1.3.0rc20,1,32,8,128,bf16,8192,24.0
H100,TensorRT-LLM 1.3.0rc20,1,32,8,128,bf16,16384,39.6
H100,TensorRT-LLM 1.3.0rc20,1,32,8,128,bf16,32768,64.7
H100,TensorRT-LLM 1.3.0rc20,1,32,8,128,bf16,65536,112.8
H100,TensorRT-LLM 1.3.0rc20,1,8,1,128,bf16,1,8.4
H100,TensorRT-LLM 1.3.0rc20,1,8,1,128,bf16,1024,16.0
H100,TensorRT-LLM 1.3.0rc20,1,8,1,128,bf16,4096,16.5
H100,TensorRT-LLM 1.3.0rc20,1,8,1,128,bf16,8192,16.7
H100,TensorRT-LLM 1.3.0rc20,1,8,1,128,bf16,16384,18.8
H100,TensorRT-LLM 1.3.0rc20,1,8,1,128,bf16,32768,22.7
H100,TensorRT-LLM 1.3.0rc20,1,8,1,128,bf16,65536,27.4
A100,vLLM 0.14.0,1,32,8,128,bf16,1,12.5
A100,vLLM 0.14.0,1,32,8,128,bf16,1024,20.0
A100,vLLM 0.14.0,1,32,8,128,bf16,4096,29.5
A100,vLLM 0.14.0,1,32,8,128,bf16,8192,40.2
A100,vLLM 0.14.0,1,32,8,128,bf16,16384,63.5
A100,vLLM 0.14.0,1,32,8,128,bf16,32768,106.5
`,
);
