/**
 * Wafers as machines.
 *
 * Programs see less than the brochure: peaks are the largest rectangle of PEs times a clock times
 * the width of a PE. The clock of a wafer follows its power, so it is a parameter with presets.
 */
import { figuresOf } from './machine-spec.ts';
import type { FabricSpec, Figure, MachineSpec } from './machine-spec.ts';

const SDK = 'Cerebras SDK 1.4.0 documentation';
const EXAMPLES = 'Cerebras csl-examples repository, largest kernel rectangle';
const HOT_CHIPS = 'Cerebras, Hot Chips 34 talk, PE microarchitecture';
const readSdk = figuresOf('read', SDK);
const derived = (from: string): ((value: number) => Figure) => figuresOf('derived', from);

/** Presets of the clock of a wafer. */
export type WaferClock = 'examples' | 'paper' | 'power-capped';

/** Clocks that publications count with, Hz. */
export const WAFER_CLOCKS_HZ: Readonly<Record<WaferClock, Figure>> = {
  examples: figuresOf('read', 'Cerebras csl-examples convert cycles at 0.85 GHz')(0.85e9),
  paper: figuresOf('read', 'WaferLLM (OSDI 2025), launch script of the code, 1.1 GHz')(1.1e9),
  'power-capped': derived('84 PFLOP/s at 90 % of peak on 64 CS-3, arXiv 2511.11542')(0.826e9),
};

/** Largest rectangle of PEs that a program gets on WSE-3. */
const WSE3_PES = { across: 755, down: 1170 };
const PE_BYTES = 48 * 1024;
const HALF_LANES = 8;
const PORT_BYTES_PER_CYCLE = 24;

/** WSE-3 at a clock. */
export function wse3At(clockHz: Figure): MachineSpec {
  const count = WSE3_PES.across * WSE3_PES.down;
  const rate = `${EXAMPLES}; times clock; times`;
  // 1,800 tokens/s of Llama 3.1 8B are 555.6 us for 5 kernels in each of 32 layers and the head;
  // its bytes and operations take less than 2 us of that.
  const floor = figuresOf(
    'calibrated',
    'Llama 3.1 8B on one CS-3, 1,800 tokens/s without speculation, Cerebras, 27 Aug 2024; ' +
      'collectives inside the wafer included',
  )(3440);
  return {
    name: 'wse3',
    title: 'Cerebras WSE-3',
    covers: 'wafer',
    peakFlopsPerS: {
      f32: derived(`${rate} one multiply-add per cycle, arXiv 2511.11542`)(
        count * 2 * clockHz.value,
      ),
      half: derived(`${rate} eight multiply-adds per cycle, cerebras-csl-skills repository`)(
        count * 2 * HALF_LANES * clockHz.value,
      ),
    },
    memory: {
      bytes: derived(`${EXAMPLES}; times 48 KiB, ${SDK}`)(count * PE_BYTES),
      bandwidthBytesPerS: derived(`${rate} two 64-bit reads and one write, ${HOT_CHIPS}`)(
        count * PORT_BYTES_PER_CYCLE * clockHz.value,
      ),
      efficiency: figuresOf('assumed', 'SRAM ports busy each cycle; floors hold what is lost')(1),
    },
    floors: { matrixNs: floor, attentionNs: floor },
    fabric: fabricOf(clockHz),
  };
}

function fabricOf(clockHz: Figure): FabricSpec {
  return {
    pesAcross: figuresOf('read', EXAMPLES)(WSE3_PES.across),
    pesDown: figuresOf('read', EXAMPLES)(WSE3_PES.down),
    clockHz,
    hopCycles: readSdk(1),
    rampCycles: figuresOf('read', 'spatial-collectives repository (HPDC 2024), T_R of WSE-2')(2),
    linkBytesPerCycle: readSdk(4),
  };
}

/** WSE-3 at the clock of the papers. */
export const WSE3: MachineSpec = wse3At(WAFER_CLOCKS_HZ.paper);
