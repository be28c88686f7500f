/**
 * Published times of a matrix times one vector in bf16, [n, k] weights, microseconds.
 *
 * Source: NVIDIA's aiconfigurator repository, measured kernels; each stack is named.
 */
export interface GemvSet {
  readonly machine: string;
  readonly stack: string;
  /** n, k, microseconds. */
  readonly rows: readonly (readonly [number, number, number])[];
}

export const GEMV: readonly GemvSet[] = [
  {
    machine: 'a100',
    stack: 'vLLM 0.14.0',
    rows: [
      [1024, 8192, 18.0],
      [8192, 1024, 15.9],
      [4096, 4096, 24.1],
      [8192, 3584, 46.1],
      [7168, 8192, 87.9],
      [8192, 8192, 96.9],
      [16384, 16384, 354.0],
    ],
  },
  {
    machine: 'h100',
    stack: 'TensorRT-LLM 1.3.0rc20',
    rows: [
      [1024, 8192, 10.5],
      [8192, 1024, 8.8],
      [4096, 4096, 16.6],
      [8192, 3584, 24.2],
      [7168, 8192, 45.8],
      [8192, 8192, 49.2],
      [16384, 16384, 186.0],
    ],
  },
  {
    machine: 'b200',
    stack: 'TensorRT-LLM 1.3.0rc20',
    rows: [
      [1024, 8192, 9.2],
      [8192, 1024, 4.2],
      [4096, 4096, 9.9],
      [8192, 3584, 12.6],
      [7168, 8192, 24.8],
      [8192, 8192, 27.4],
      [16384, 16384, 85.3],
    ],
  },
];
