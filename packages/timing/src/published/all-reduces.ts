/**
 * Published times of all-reduces inside one node, 16-bit elements, microseconds by message size.
 *
 * Kernels of serving stacks run in captured graphs; launched one by one they take 17 us and more
 * longer. Source: NVIDIA's aiconfigurator repository, measured collectives; versions are named.
 */
export interface AllReduceSet {
  readonly gpu: string;
  readonly link: string;
  readonly chipCount: number;
  readonly kernel: string;
  /** Microseconds for each of the sizes. */
  readonly us: readonly number[];
}

export const ALL_REDUCE_BYTES: readonly number[] = [
  2048, 16_384, 65_536, 262_144, 1_048_576, 67_108_864,
];

export const ALL_REDUCES: readonly AllReduceSet[] = [
  {
    gpu: 'A100',
    link: 'nvlink3',
    chipCount: 8,
    kernel: 'nccl 2.27.3',
    us: [21.5, 22.6, 28.1, 27.5, 38.9, 595.0],
  },
  {
    gpu: 'A100',
    link: 'nvlink3',
    chipCount: 8,
    kernel: 'vllm-custom 0.14',
    us: [5.6, 6.5, 8.4, 17.1, 21.7, 594.0],
  },
  {
    gpu: 'A100',
    link: 'nvlink3',
    chipCount: 8,
    kernel: 'tensorrt-llm 1.0',
    us: [4.8, 8.4, 9.0, 16.3, 83.2, 603.0],
  },
  {
    gpu: 'H100',
    link: 'nvlink4',
    chipCount: 2,
    kernel: 'nccl 2.29.2',
    us: [6.3, 7.3, 7.3, 8.8, 14.7, 255.0],
  },
  {
    gpu: 'H100',
    link: 'nvlink4',
    chipCount: 4,
    kernel: 'nccl 2.29.2',
    us: [9.5, 12.5, 11.3, 11.8, 18.1, 330.0],
  },
  {
    gpu: 'H100',
    link: 'nvlink4',
    chipCount: 8,
    kernel: 'nccl 2.29.2',
    us: [15.7, 19.0, 18.7, 19.1, 25.4, 325.0],
  },
  {
    gpu: 'H100',
    link: 'nvlink4',
    chipCount: 8,
    kernel: 'vllm-custom 0.24',
    us: [4.6, 5.3, 6.4, 10.8, 15.0, 344.0],
  },
  {
    gpu: 'H100',
    link: 'nvlink4',
    chipCount: 8,
    kernel: 'sglang-custom 0.5.14',
    us: [3.5, 3.7, 4.8, 9.4, 13.5, 322.0],
  },
  {
    gpu: 'H100',
    link: 'nvlink4',
    chipCount: 2,
    kernel: 'tensorrt-llm 1.3rc20',
    us: [2.8, 2.8, 3.1, 3.8, 6.1, 254.0],
  },
  {
    gpu: 'H100',
    link: 'nvlink4',
    chipCount: 4,
    kernel: 'tensorrt-llm 1.3rc20',
    us: [3.0, 3.3, 3.7, 5.5, 12.9, 329.0],
  },
  {
    gpu: 'H100',
    link: 'nvlink4',
    chipCount: 8,
    kernel: 'tensorrt-llm 1.3rc20',
    us: [3.4, 3.6, 4.6, 10.2, 26.0, 322.0],
  },
  {
    gpu: 'GB200',
    link: 'nvlink5',
    chipCount: 2,
    kernel: 'nccl 2.29.2',
    us: [10.9, 11.6, 11.7, 11.8, 14.5, 147.0],
  },
  {
    gpu: 'GB200',
    link: 'nvlink5',
    chipCount: 4,
    kernel: 'nccl 2.29.2',
    us: [16.0, 16.8, 17.2, 17.5, 19.7, 182.0],
  },
  {
    gpu: 'GB200',
    link: 'nvlink5',
    chipCount: 2,
    kernel: 'tensorrt-llm 1.3rc20',
    us: [3.8, 4.5, 4.6, 4.6, 6.0, 156.0],
  },
  {
    gpu: 'GB200',
    link: 'nvlink5',
    chipCount: 4,
    kernel: 'tensorrt-llm 1.3rc20',
    us: [4.9, 4.9, 5.0, 5.7, 9.5, 191.0],
  },
];
