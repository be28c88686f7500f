/**
 * Published times of decode attention for one sequence, heads of 128, keys and values in bf16.
 *
 * Source: NVIDIA's aiconfigurator repository, measured kernels; each stack is named.
 */
export interface AttentionSet {
  readonly machine: string;
  readonly stack: string;
  readonly headCount: number;
  readonly kvHeadCount: number;
  /** Context tokens, microseconds. */
  readonly rows: readonly (readonly [number, number])[];
}

export const ATTENTION_HEAD_WIDTH = 128;

export const ATTENTION: readonly AttentionSet[] = [
  {
    machine: 'h100',
    stack: 'TensorRT-LLM 1.3.0rc20',
    headCount: 32,
    kvHeadCount: 8,
    rows: [
      [1, 8.5],
      [1024, 12.6],
      [4096, 15.2],
      [8192, 24.0],
      [16384, 39.6],
      [32768, 64.7],
      [65536, 112.8],
    ],
  },
  {
    machine: 'h100',
    stack: 'TensorRT-LLM 1.3.0rc20',
    headCount: 8,
    kvHeadCount: 1,
    rows: [
      [1, 8.4],
      [1024, 16.0],
      [4096, 16.5],
      [8192, 16.7],
      [16384, 18.8],
      [32768, 22.7],
      [65536, 27.4],
    ],
  },
  {
    machine: 'a100',
    stack: 'vLLM 0.14.0',
    headCount: 32,
    kvHeadCount: 8,
    rows: [
      [1, 12.5],
      [1024, 20.0],
      [4096, 29.5],
      [8192, 40.2],
      [16384, 63.5],
      [32768, 106.5],
    ],
  },
];
