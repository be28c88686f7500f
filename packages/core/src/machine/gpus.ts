/**
 * GPUs as machines: peaks and memory from the vendor's own estimator, floors and efficiency fitted.
 *
 * The time of a matrix times a vector is a floor plus bytes over a part of the bandwidth. Both are
 * fitted to two rows of published timings, bf16 4096 x 4096 and 16384 x 16384; the other rows are
 * there to judge them. The floor of attention is fitted to the 4,096-token row of 32/8 heads.
 */
import { figuresOf } from './machine-spec.ts';
import type { MachineSpec } from './machine-spec.ts';

const ESTIMATOR = 'ai-dynamo/aiconfigurator, system data';
const TIMINGS = 'ai-dynamo/aiconfigurator, measured GEMV';
const ATTENTION = 'ai-dynamo/aiconfigurator, measured decode attention, 32/8 heads at 4,096 tokens';
const GIB = 2 ** 30;
const read = figuresOf('read', ESTIMATOR);

interface Gpu {
  name: string;
  title: string;
  halfFlopsPerS: number;
  /** Outside of tensor cores. */
  f32FlopsPerS: number;
  memoryBytes: number;
  bandwidthBytesPerS: number;
  /** Microseconds of the two rows that floor and efficiency are fitted to. */
  gemv: { small: number; large: number; stack: string };
  /** Microseconds of the row that the floor of attention is fitted to, or another chip's. */
  attention: { us: number; bandwidthBytesPerS: number; of: string };
  ownLink: string;
}

const SMALL_BYTES = 2 * 4096 ** 2;
const LARGE_BYTES = 2 * 16384 ** 2;
const ATTENTION_BYTES = 2 * 8 * 128 * 2 * 4096; // K and V, 8 heads of 128, bf16

function gpu(facts: Gpu): MachineSpec {
  const { small, large, stack } = facts.gemv;
  const readBytesPerS = (LARGE_BYTES - SMALL_BYTES) / ((large - small) * 1e-6);
  const floorNs = small * 1e3 - (SMALL_BYTES / readBytesPerS) * 1e9;
  const attentionReadNs = (ATTENTION_BYTES / facts.attention.bandwidthBytesPerS) * 1e9;
  const fitted = figuresOf('calibrated', `${TIMINGS}, bf16, 4096² and 16384², ${stack}`);
  return {
    name: facts.name,
    title: facts.title,
    covers: 'chip',
    ownLink: facts.ownLink,
    peakFlopsPerS: {
      half: read(facts.halfFlopsPerS),
      f32: figuresOf('recalled', `${facts.title} data sheet, FP32`)(facts.f32FlopsPerS),
    },
    memory: {
      bytes: read(facts.memoryBytes),
      bandwidthBytesPerS: read(facts.bandwidthBytesPerS),
      efficiency: fitted(readBytesPerS / facts.bandwidthBytesPerS),
    },
    floors: {
      matrixNs: fitted(floorNs),
      attentionNs: figuresOf(
        'calibrated',
        `${ATTENTION}, ${facts.attention.of}`,
      )(facts.attention.us * 1e3 - attentionReadNs),
    },
  };
}

/** What a fitted read of an H100 reaches: also stands in the floor of its attention. */
const H100_READ = (LARGE_BYTES - SMALL_BYTES) / ((186 - 16.6) * 1e-6);
const A100_READ = (LARGE_BYTES - SMALL_BYTES) / ((354 - 24.1) * 1e-6);

export const A100: MachineSpec = gpu({
  name: 'a100',
  title: 'NVIDIA A100 SXM 80 GB',
  halfFlopsPerS: 312e12,
  f32FlopsPerS: 19.5e12,
  memoryBytes: 80 * GIB,
  bandwidthBytesPerS: 2.039e12,
  gemv: { small: 24.1, large: 354, stack: 'vLLM 0.14.0' },
  attention: { us: 29.5, bandwidthBytesPerS: A100_READ, of: 'A100, vLLM 0.14.0' },
  ownLink: 'nvlink3',
});

export const H100: MachineSpec = gpu({
  name: 'h100',
  title: 'NVIDIA H100 SXM',
  halfFlopsPerS: 989e12,
  f32FlopsPerS: 67e12,
  memoryBytes: 80 * GIB,
  bandwidthBytesPerS: 3.35e12,
  gemv: { small: 16.6, large: 186, stack: 'TensorRT-LLM 1.3.0rc20' },
  attention: { us: 15.2, bandwidthBytesPerS: H100_READ, of: 'H100, TensorRT-LLM 1.3.0rc20' },
  ownLink: 'nvlink4',
});

export const B200: MachineSpec = gpu({
  name: 'b200',
  title: 'NVIDIA B200',
  halfFlopsPerS: 2250e12,
  f32FlopsPerS: 80e12,
  memoryBytes: 180 * GIB,
  bandwidthBytesPerS: 7.7e12,
  gemv: { small: 9.9, large: 85.3, stack: 'TensorRT-LLM 1.3.0rc20' },
  // No decode attention of a B200 is published: its floor is taken to be the H100's.
  attention: { us: 15.2, bandwidthBytesPerS: H100_READ, of: 'H100 in place of B200' },
  ownLink: 'nvlink5',
});
