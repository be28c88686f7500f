/**
 * The real links that `wafer bench` measures, as data: each is a row beside the whole wafer.
 */
import type { WaferOptions } from '@wafer/runtime';

/** A link that exists, and what a wafer is started with to be cut by it. */
export interface MeasuredLink {
  name: string;
  /** In a few words, for the report. */
  title: string;
  options: Partial<WaferOptions>;
}

export const MEASURED_LINKS: readonly MeasuredLink[] = [
  { name: 'port', title: 'MessagePort between threads', options: { link: 'port' } },
  {
    name: 'unix',
    title: 'unix sockets between processes',
    options: { link: 'unix', traceRecords: 0 },
  },
  {
    name: 'tcp',
    title: 'TCP on loopback between processes',
    options: { link: 'tcp', traceRecords: 0 },
  },
];
