/**
 * Published decode on GPUs, batch 1, milliseconds per token, tensor parallel inside one node.
 *
 * Steady decode at 4,096 tokens with SGLang: WaferLLM (arXiv 2502.04563v3) Table 4. Request latency
 * over 1,024 tokens after a prompt of 1,024, prefill and the host software of 2024 included:
 * argonne-lcf/LLM-Inference-Bench.
 */
export interface GpuDecodeRow {
  readonly model: string;
  readonly machine: string;
  readonly chipCount: number;
  readonly stack: string;
  /** Mean positions before a token. */
  readonly contextTokens: number;
  readonly ms: number;
}

export const GPU_DECODE: readonly GpuDecodeRow[] = [
  {
    model: 'Llama 3 8B',
    machine: 'a100',
    chipCount: 1,
    stack: 'SGLang',
    contextTokens: 4096,
    ms: 12.7,
  },
  {
    model: 'Llama 3 8B',
    machine: 'a100',
    chipCount: 8,
    stack: 'SGLang',
    contextTokens: 4096,
    ms: 3.84,
  },
  {
    model: 'Llama 3 8B',
    machine: 'a100',
    chipCount: 1,
    stack: 'TensorRT-LLM',
    contextTokens: 1536,
    ms: 14.51,
  },
  {
    model: 'Llama 3 8B',
    machine: 'a100',
    chipCount: 2,
    stack: 'TensorRT-LLM',
    contextTokens: 1536,
    ms: 9.44,
  },
  {
    model: 'Llama 3 8B',
    machine: 'a100',
    chipCount: 4,
    stack: 'TensorRT-LLM',
    contextTokens: 1536,
    ms: 6.64,
  },
  {
    model: 'Llama 3 8B',
    machine: 'a100',
    chipCount: 1,
    stack: 'vLLM',
    contextTokens: 1536,
    ms: 14.59,
  },
  {
    model: 'Llama 3 8B',
    machine: 'a100',
    chipCount: 2,
    stack: 'vLLM',
    contextTokens: 1536,
    ms: 9.81,
  },
  {
    model: 'Llama 3 8B',
    machine: 'h100',
    chipCount: 1,
    stack: 'TensorRT-LLM',
    contextTokens: 1536,
    ms: 7.55,
  },
  {
    model: 'Llama 3 8B',
    machine: 'h100',
    chipCount: 2,
    stack: 'TensorRT-LLM',
    contextTokens: 1536,
    ms: 5.65,
  },
  {
    model: 'Llama 3 8B',
    machine: 'h100',
    chipCount: 4,
    stack: 'TensorRT-LLM',
    contextTokens: 1536,
    ms: 4.42,
  },
  {
    model: 'Llama 3 8B',
    machine: 'h100',
    chipCount: 1,
    stack: 'vLLM',
    contextTokens: 1536,
    ms: 7.91,
  },
  {
    model: 'Llama 3 8B',
    machine: 'h100',
    chipCount: 2,
    stack: 'vLLM',
    contextTokens: 1536,
    ms: 6.53,
  },
  {
    model: 'Llama 3 8B',
    machine: 'h100',
    chipCount: 4,
    stack: 'vLLM',
    contextTokens: 1536,
    ms: 5.87,
  },
  {
    model: 'Llama 2 70B',
    machine: 'a100',
    chipCount: 4,
    stack: 'TensorRT-LLM',
    contextTokens: 1536,
    ms: 36.06,
  },
];
