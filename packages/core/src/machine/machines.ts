/**
 * Machines and links by name.
 *
 * The host is a machine, too, but has no numbers until it was measured: `hostMachine` takes them.
 */
import { WaferError } from '../errors.ts';
import { A100, B200, H100 } from './gpus.ts';
import { ETHERNET_100G, INFINIBAND_NDR, NVLINK3, NVLINK4, NVLINK5, PCIE5_X16 } from './links.ts';
import { figuresOf } from './machine-spec.ts';
import type { LinkSpec, MachineSpec } from './machine-spec.ts';
import { WSE3 } from './wafers.ts';

export const MACHINES: readonly MachineSpec[] = [WSE3, A100, H100, B200];

export const LINKS: readonly LinkSpec[] = [
  NVLINK3,
  NVLINK4,
  NVLINK5,
  INFINIBAND_NDR,
  PCIE5_X16,
  ETHERNET_100G,
];

/** A machine by name. Throws: PLAN_OPTION, MACHINE_PARAMETER for a host that was not measured. */
export function findMachine(name: string, host?: HostCalibration): MachineSpec {
  if (name === 'host') return hostMachine(host ?? {});
  const found = MACHINES.find((machine) => machine.name === name);
  if (found) return found;
  const names = MACHINES.map((machine) => machine.name);
  const known = [...names, ...(host === undefined ? [] : ['host'])];
  const expected = `one of ${known.join(', ')}`;
  throw new WaferError('PLAN_OPTION', { option: 'as', value: name, expected, known });
}

/** A link by name. Throws: PLAN_OPTION. */
export function findLink(name: string): LinkSpec {
  const found = LINKS.find((link) => link.name === name);
  if (found) return found;
  const known = LINKS.map((link) => link.name);
  const expected = `one of ${known.join(', ')}`;
  throw new WaferError('PLAN_OPTION', { option: 'link', value: name, expected, known });
}

/** A host as a chip that is shared out, over all its cores; its own clock is host-clock.ts. */
export interface HostCalibration {
  flopsPerS?: number;
  memoryBytes?: number;
  readBytesPerS?: number;
  /** Of an op that has next to nothing to do. */
  opFloorNs?: number;
}

/** This host as a machine whose cores are shared out over the tiles. Throws: MACHINE_PARAMETER. */
export function hostMachine(calibration: HostCalibration): MachineSpec {
  const measured = figuresOf('measured', 'calibration of this host');
  const take = (parameter: keyof HostCalibration): ReturnType<typeof measured> => {
    const value = calibration[parameter];
    if (value !== undefined && Number.isFinite(value) && value >= 0) return measured(value);
    const hint = 'nothing here measures that; wafer bench host tells what wafers take on this host';
    throw new WaferError('MACHINE_PARAMETER', { machine: 'host', parameter, hint });
  };
  const flopsPerS = take('flopsPerS');
  const opFloorNs = take('opFloorNs');
  return {
    name: 'host',
    title: 'this host',
    covers: 'wafer',
    // Every weight type is widened to f32 before it is multiplied.
    peakFlopsPerS: { f32: flopsPerS, half: flopsPerS },
    memory: {
      bytes: take('memoryBytes'),
      bandwidthBytesPerS: take('readBytesPerS'),
      efficiency: measured(1),
    },
    floors: { matrixNs: opFloorNs, attentionNs: opFloorNs },
  };
}
