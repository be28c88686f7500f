/**
 * What data sheets and the vendor's own estimator say of GPUs: no timing, nothing fitted.
 *
 * Rates of links are per GPU and direction. Names are those of published tables.
 */
import { figuresOf } from './machine-spec.ts';
import type { Figure, Mark } from './machine-spec.ts';

/** Types that tensor cores multiply in, by name of a weight's type. */
export type TensorType = 'bf16' | 'int8' | 'fp8' | 'fp4';

export interface GpuFacts {
  readonly name: string;
  readonly title: string;
  readonly memoryBytes: Figure;
  readonly bandwidthBytesPerS: Figure;
  readonly opsPerS: Readonly<Partial<Record<TensorType, Figure>>>;
  readonly nvlinkBytesPerS: Figure;
  /** Of the adapter between nodes. */
  readonly clusterBytesPerS: Figure;
  readonly watts: Figure;
  /** Of the whole system, hosts, switches and fans with it: a GPU's part. */
  readonly systemWatts: Figure;
  /** Of the silicon; absent where not published. */
  readonly dieMm2?: Figure;
}

const GIB = 2 ** 30;
const read = figuresOf('read', 'ai-dynamo/aiconfigurator, system data');
const die = figuresOf('recalled', 'vendor, die size');

interface Sheet {
  gib: number;
  tbPerS: number;
  tflops: Partial<Record<TensorType, number>>;
  nvlink: number;
  cluster: number;
  watts: number;
  system: SystemPower;
  mm2?: number;
}

/** What the vendor's own system draws at most, and how many GPUs it has. */
interface SystemPower {
  watts: number;
  gpus: number;
  mark: Mark;
  source: string;
}

function facts(name: string, title: string, sheet: Sheet): GpuFacts {
  const opsPerS = Object.fromEntries(
    Object.entries(sheet.tflops).map(([type, tflops]) => [type, read(tflops * 1e12)]),
  );
  return {
    name,
    title,
    memoryBytes: read(sheet.gib * GIB),
    bandwidthBytesPerS: read(sheet.tbPerS * 1e12),
    opsPerS,
    nvlinkBytesPerS: read(sheet.nvlink * 1e9),
    clusterBytesPerS: read(sheet.cluster * 1e9),
    watts: read(sheet.watts),
    systemWatts: systemWatts(sheet.system),
    ...(sheet.mm2 === undefined ? {} : { dieMm2: die(sheet.mm2) }),
  };
}

/** A GPU's part. */
function systemWatts({ watts, gpus, mark, source }: SystemPower): Figure {
  return figuresOf(mark, `${source}, over its GPUs`)(watts / gpus);
}

const HOPPER = {
  tflops: { bf16: 989, int8: 1978, fp8: 1978 },
  ...{ nvlink: 450, cluster: 50, watts: 700, mm2: 814 },
  system: {
    ...{ watts: 10_200, gpus: 8, mark: 'second hand' },
    source: 'NVIDIA DGX H100/H200 User Guide, maximum input',
  } satisfies SystemPower,
};

export const GPU_FACTS: readonly GpuFacts[] = [
  facts('A100', 'NVIDIA A100 SXM 80 GB', {
    gib: 80,
    tbPerS: 2.039,
    tflops: { bf16: 312, int8: 624 },
    nvlink: 300,
    cluster: 25,
    watts: 400,
    system: {
      ...{ watts: 6500, gpus: 8, mark: 'second hand' },
      source: 'NVIDIA DGX A100 documentation, maximum',
    },
    mm2: 826,
  }),
  facts('H100', 'NVIDIA H100 SXM', { ...HOPPER, gib: 80, tbPerS: 3.35 }),
  facts('H200', 'NVIDIA H200 SXM', { ...HOPPER, gib: 141, tbPerS: 4.8 }),
  facts('B200', 'NVIDIA B200', {
    gib: 180,
    tbPerS: 7.7,
    tflops: { bf16: 2250, int8: 4500, fp8: 4500, fp4: 9000 },
    nvlink: 900,
    cluster: 100,
    watts: 1000,
    system: {
      ...{ watts: 14_300, gpus: 8, mark: 'read' },
      source: 'NVIDIA DGX B200 User Guide, power specifications, maximum',
    },
  }),
  facts('GB200', 'NVIDIA GB200', {
    gib: 185,
    tbPerS: 8,
    tflops: { bf16: 2500, int8: 5000, fp8: 5000, fp4: 10_000 },
    nvlink: 900,
    cluster: 100,
    watts: 1200,
    system: {
      ...{ watts: 120_000, gpus: 72, mark: 'recalled' },
      source: 'vendor, power of GB200 NVL72',
    },
  }),
];

/** Facts of a GPU by the name of published tables, or undefined. */
export function tryGpuFacts(name: string): GpuFacts | undefined {
  return GPU_FACTS.find((gpu) => gpu.name === name);
}
