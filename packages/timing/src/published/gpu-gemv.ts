/**
 * Published: [n, k] weights times one vector.
 *
 * Part of a larger set; other rows are kept to judge the model. Source: ai-
 * dynamo/aiconfigurator, measured kernels.
 */
import { publishedTable } from './published-table.ts';
import type { PublishedTable } from './published-table.ts';

export const GPU_GEMV: PublishedTable = publishedTable(
  'gpu-gemv',
  ['n', 'k', 'm', 'gpu', 'dtype', 'stack', 'microseconds'],
  `
1024,8192,1,A100,bf16,vLLM 0.14.0,18.0
1024,8192,1,H100,bf16,TensorRT-LLM 1.3.0rc20,10.5
1024,8192,1,H100,fp8_block,TensorRT-LLM 1.3.0rc20,13.9
1024,8192,1,B200,bf16,TensorRT-LLM 1.3.0rc20,9.2
1024,8192,1,B200,fp8_block,TensorRT-LLM 1.3.0rc20,11.3
8192,1024,1,A100,bf16,vLLM 0.14.0,15.9
8192,1024,1,H100,bf16,TensorRT-LLM 1.3.0rc20,8.8
8192,1024,1,H100,fp8_block,TensorRT-LLM 1.3.0rc20,7.6
8192,1024,1,B200,bf16,TensorRT-LLM 1.3.0rc20,4.2
8192,1024,1,B200,fp8_block,TensorRT-LLM 1.3.0rc20,5.9
4096,4096,1,A100,bf16,vLLM 0.14.0,24.1
4096,4096,1,H100,bf16,TensorRT-LLM 1.3.0rc20,16.6
4096,4096,1,H100,fp8_block,TensorRT-LLM 1.3.0rc20,11.7
4096,4096,1,B200,bf16,TensorRT-LLM 1.3.0rc20,9.9
4096,4096,1,B200,fp8_block,TensorRT-LLM 1.3.0rc20,9.3
8192,3584,1,A100,bf16,vLLM 0.14.0,46.1
8192,3584,1,H100,bf16,TensorRT-LLM 1.3.0rc20,24.2
8192,3584,1,H100,fp8_block,TensorRT-LLM 1.3.0rc20,16.2
8192,3584,1,B200,bf16,TensorRT-LLM 1.3.0rc20,12.6
8192,3584,1,B200,fp8_block,TensorRT-LLM 1.3.0rc20,10.9
7168,8192,1,A100,bf16,vLLM 0.14.0,87.9
7168,8192,1,H100,bf16,TensorRT-LLM 1.3.0rc20,45.8
7168,8192,1,H100,fp8_block,TensorRT-LLM 1.3.0rc20,27.2
7168,8192,1,B200,bf16,TensorRT-LLM 1.3.0rc20,24.8
7168,8192,1,B200,fp8_block,TensorRT-LLM 1.3.0rc20,16.7
8192,8192,1,A100,bf16,vLLM 0.14.0,96.9
8192,8192,1,H100,bf16,TensorRT-LLM 1.3.0rc20,49.2
8192,8192,1,H100,fp8_block,TensorRT-LLM 1.3.0rc20,31.0
8192,8192,1,B200,bf16,TensorRT-LLM 1.3.0rc20,27.4
8192,8192,1,B200,fp8_block,TensorRT-LLM 1.3.0rc20,17.6
16384,16384,1,A100,bf16,vLLM 0.14.0,354
16384,16384,1,H100,bf16,TensorRT-LLM 1.3.0rc20,186
16384,16384,1,H100,fp8_block,TensorRT-LLM 1.3.0rc20,95.4
16384,16384,1,B200,bf16,TensorRT-LLM 1.3.0rc20,85.3
16384,16384,1,B200,fp8_block,TensorRT-LLM 1.3.0rc20,48.0
`,
);
