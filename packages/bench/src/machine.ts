/**
 * The machine that a measurement ran on, and the clock and date it was taken with.
 */
import { plural } from '@wafer/core';
import { availableParallelism, cpus, totalmem } from 'node:os';

/** Part of every report. */
export interface Setting {
  clock: 'wall';
  date: string;
  cpu: string;
  cores: number;
  memoryBytes: number;
  node: string;
  platform: string;
}

/** Describes this machine, now. */
export function describeSetting(): Setting {
  return {
    clock: 'wall',
    date: new Date().toISOString(),
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    node: process.version,
    platform: `${process.platform}-${process.arch}`,
  };
}

/** The same in two lines, for a table's head. */
export function settingLines(setting: Setting): string[] {
  const { date, cpu, cores, memoryBytes, node, platform } = setting;
  const memory = `${Math.round(memoryBytes / 2 ** 30)} GiB`;
  return [
    date,
    `${cpu}, ${plural(cores, 'core')}, ${memory}, Node ${node}, ${platform} · wall clock`,
  ];
}
