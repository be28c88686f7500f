/**
 * Links between chips: bandwidth and latency of the wire apart from the software above it.
 *
 * Only one of the two shrinks with better wires. The software of all-reduces is what published
 * timings leave when wire and bytes are taken away; the rows used for it are named, the other
 * rows judge it. Custom kernels of serving stacks exist inside one NVLink domain only.
 */
import { WaferError } from '../errors.ts';
import { figuresOf } from './machine-spec.ts';
import type { AllReduceSoftware, LinkSpec } from './machine-spec.ts';

const ESTIMATOR = 'ai-dynamo/aiconfigurator, system data, per GPU and direction';
const ALL_REDUCE = 'ai-dynamo/aiconfigurator, measured all-reduce';
const DIE_TO_DIE = 'WaferLLM (arXiv 2502.04563v3) Table 1: die to die, hundreds of ns';
const fullRate = figuresOf('assumed', 'long messages get the whole rate')(1);

/** Hundreds of nanoseconds, as published; which hundred is assumed. */
const NVLINK_LATENCY_NS = 500;
const A100_CUSTOM = 'TensorRT-LLM 1.0 on 8 A100, 2 KiB';
const NCCL_A100 = 'NCCL 2.27.3 on 8 A100';

export const NVLINK3: LinkSpec = {
  name: 'nvlink3',
  title: 'NVLink 3 (8 A100 in a node)',
  latencyNs: figuresOf('assumed', DIE_TO_DIE)(NVLINK_LATENCY_NS),
  bandwidthBytesPerS: figuresOf('read', ESTIMATOR)(300e9),
  efficiency: figuresOf('calibrated', `${ALL_REDUCE}, 64 MiB, 8 chips, 595 us`)(0.658),
  overheadNs: figuresOf('calibrated', `${ALL_REDUCE}, ${A100_CUSTOM}`)(4200 - NVLINK_LATENCY_NS),
  customKernels: true,
  allReduce: {
    // 4.8 us on 8 chips; how it grows with their number is taken from H100.
    oneShotNs: figuresOf('calibrated', `${ALL_REDUCE}, ${A100_CUSTOM}`)(4000 - NVLINK_LATENCY_NS),
    oneShotPerChipNs: figuresOf('assumed', 'as on NVLink 4')(100),
    // 17.1 us less 2.3 us of bytes.
    twoShotNs: figuresOf(
      'calibrated',
      `${ALL_REDUCE}, vLLM 0.14 on 8 A100, 256 KiB`,
    )(14_800 - 2 * NVLINK_LATENCY_NS),
    // 22.6 us in 6 steps; 38.9 us less 9.3 us of bytes in 14.
    treeStepNs: figuresOf(
      'calibrated',
      `${ALL_REDUCE}, ${NCCL_A100}, 16 KiB`,
    )(3740 - NVLINK_LATENCY_NS),
    ringStepNs: figuresOf(
      'calibrated',
      `${ALL_REDUCE}, ${NCCL_A100}, 1 MiB`,
    )(2110 - NVLINK_LATENCY_NS),
  },
};

const H100_CUSTOM = 'TensorRT-LLM 1.3rc20 on H100, 2 and 8 chips at 2 KiB';
const NCCL_H100 = 'NCCL 2.29.2 on 8 H100';

export const NVLINK4: LinkSpec = {
  name: 'nvlink4',
  title: 'NVLink 4 (8 H100 in a node)',
  latencyNs: figuresOf('assumed', DIE_TO_DIE)(NVLINK_LATENCY_NS),
  bandwidthBytesPerS: figuresOf('read', ESTIMATOR)(450e9),
  efficiency: figuresOf('calibrated', `${ALL_REDUCE}, 64 MiB, 8 chips, 322 us`)(0.81),
  overheadNs: figuresOf('calibrated', `${ALL_REDUCE}, ${H100_CUSTOM}`)(2800 - NVLINK_LATENCY_NS),
  customKernels: true,
  allReduce: {
    // 2.8 us on 2 chips, 3.4 us on 8: 2.6 + 0.1 n.
    oneShotNs: figuresOf('calibrated', `${ALL_REDUCE}, ${H100_CUSTOM}`)(2600 - NVLINK_LATENCY_NS),
    oneShotPerChipNs: figuresOf('calibrated', `${ALL_REDUCE}, ${H100_CUSTOM}`)(100),
    // 9.4 us less 1.26 us of bytes and two crossings.
    twoShotNs: figuresOf(
      'calibrated',
      `${ALL_REDUCE}, SGLang 0.5.14 on 8 H100, 256 KiB`,
    )(8140 - 2 * NVLINK_LATENCY_NS),
    // 19.0 us in 6 steps; 25.4 us less 5.0 us of bytes in 14.
    treeStepNs: figuresOf(
      'calibrated',
      `${ALL_REDUCE}, ${NCCL_H100}, 16 KiB`,
    )(3150 - NVLINK_LATENCY_NS),
    ringStepNs: figuresOf(
      'calibrated',
      `${ALL_REDUCE}, ${NCCL_H100}, 1 MiB`,
    )(1455 - NVLINK_LATENCY_NS),
  },
};

const GB200_CUSTOM = 'TensorRT-LLM 1.3rc20 on GB200, 2 and 4 chips at 2 KiB';
const NCCL_GB200 = 'NCCL 2.29.2 on 4 GB200';

export const NVLINK5: LinkSpec = {
  name: 'nvlink5',
  title: 'NVLink 5 (Blackwell; published up to 4 chips)',
  latencyNs: figuresOf('assumed', DIE_TO_DIE)(NVLINK_LATENCY_NS),
  bandwidthBytesPerS: figuresOf('read', ESTIMATOR)(900e9),
  efficiency: figuresOf('calibrated', `${ALL_REDUCE}, 64 MiB, 4 GB200, 191 us`)(0.586),
  overheadNs: figuresOf('calibrated', `${ALL_REDUCE}, ${GB200_CUSTOM}`)(3800 - NVLINK_LATENCY_NS),
  customKernels: true,
  allReduce: {
    // 3.8 us on 2 chips, 4.9 us on 4: 2.7 + 0.55 n.
    oneShotNs: figuresOf('calibrated', `${ALL_REDUCE}, ${GB200_CUSTOM}`)(2700 - NVLINK_LATENCY_NS),
    oneShotPerChipNs: figuresOf('calibrated', `${ALL_REDUCE}, ${GB200_CUSTOM}`)(550),
    twoShotNs: figuresOf('assumed', 'as on NVLink 4')(8140 - 2 * NVLINK_LATENCY_NS),
    // 16.8 us in 4 steps; 19.7 us less 3.0 us of bytes in 6.
    treeStepNs: figuresOf(
      'calibrated',
      `${ALL_REDUCE}, ${NCCL_GB200}, 16 KiB`,
    )(4180 - NVLINK_LATENCY_NS),
    ringStepNs: figuresOf(
      'calibrated',
      `${ALL_REDUCE}, ${NCCL_GB200}, 1 MiB`,
    )(2780 - NVLINK_LATENCY_NS),
  },
};

/** NVIDIA's estimator counts 10 us for a message between GPUs, software included. */
const MESSAGE_NS = 10_000;
const MESSAGE = 'ai-dynamo/aiconfigurator, system data, 10 us point to point, less the wire';

/** A link without kernels of its own: each step of a collective is a message. */
function plainLink(facts: {
  name: string;
  title: string;
  latency: [number, string];
  rate: [number, string];
  /** A whole message, and the share of the rate that long ones get, where they were measured. */
  measured?: { messageNs: number; share: number; rows: string };
}): LinkSpec {
  const { measured } = facts;
  const latencyNs = figuresOf('recalled', facts.latency[1])(facts.latency[0]);
  const overheadNs = measured
    ? figuresOf('calibrated', measured.rows)(measured.messageNs - facts.latency[0])
    : figuresOf('derived', MESSAGE)(MESSAGE_NS - facts.latency[0]);
  return {
    name: facts.name,
    title: facts.title,
    latencyNs,
    bandwidthBytesPerS: figuresOf('read', facts.rate[1])(facts.rate[0]),
    efficiency: measured ? figuresOf('calibrated', measured.rows)(measured.share) : fullRate,
    overheadNs,
    customKernels: false,
    allReduce: stepsOf(overheadNs),
  };
}

function stepsOf(overheadNs: LinkSpec['overheadNs']): AllReduceSoftware {
  const none = { ...overheadNs, value: 0 };
  return {
    oneShotNs: overheadNs,
    oneShotPerChipNs: none,
    twoShotNs: { ...overheadNs, value: 2 * overheadNs.value },
    treeStepNs: overheadNs,
    ringStepNs: overheadNs,
  };
}

export const INFINIBAND_NDR: LinkSpec = plainLink({
  name: 'infiniband-ndr',
  title: 'InfiniBand NDR 400 (one chip per node)',
  latency: [1000, 'NDR adapters and one switch, about 1 us; medium confidence'],
  rate: [50e9, ESTIMATOR],
  // 17 us at 2 KiB; 64 MiB in 1,871 us.
  measured: {
    messageNs: 17_000,
    share: 67_108_864 / ((1871 - 17) * 1e-6) / 50e9,
    rows: 'microsoft/vidur, send and receive between H100 of two nodes, PyTorch with NCCL',
  },
});

export const PCIE5_X16: LinkSpec = plainLink({
  name: 'pcie5-x16',
  title: 'PCI Express 5 x16',
  latency: [1000, 'through a switch or root complex, about 1 us; medium confidence'],
  rate: [64e9, ESTIMATOR],
});

export const ETHERNET_100G: LinkSpec = plainLink({
  name: 'ethernet-100g',
  title: '100 Gb Ethernet',
  latency: [2000, 'adapters and one switch, 1 to 3 us; medium confidence'],
  rate: [12.5e9, '100 Gb/s by name'],
});

/** A link by three numbers: collectives cost what their messages cost. Throws: PLAN_OPTION. */
export function customLink(facts: {
  latencyNs: number;
  bandwidthBytesPerS: number;
  overheadNs: number;
}): LinkSpec {
  for (const [option, value] of Object.entries(facts)) {
    const isRate = option === 'bandwidthBytesPerS';
    if (value >= 0 && (isRate ? value > 0 : Number.isFinite(value))) continue;
    const expected = isRate ? 'a number above 0' : 'a number from 0 on';
    throw new WaferError('PLAN_OPTION', { option, value, expected });
  }
  const given = figuresOf('given', 'set by the caller');
  const overheadNs = given(facts.overheadNs);
  return {
    name: 'custom',
    title: 'custom link',
    latencyNs: given(facts.latencyNs),
    bandwidthBytesPerS: given(facts.bandwidthBytesPerS),
    efficiency: given(1),
    overheadNs,
    customKernels: true,
    allReduce: stepsOf(overheadNs),
  };
}

/** The same link with another wire: what a sweep turns. */
export function rewireLink(
  link: LinkSpec,
  wire: { latencyNs: number; bandwidthBytesPerS: number },
): LinkSpec {
  const { latencyNs, bandwidthBytesPerS } = customLink({ ...wire, overheadNs: 0 });
  const efficiency = figuresOf('given', 'the bandwidth is what messages get')(1);
  return { ...link, latencyNs, bandwidthBytesPerS, efficiency };
}
