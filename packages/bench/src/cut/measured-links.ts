/**
 * The real links that `wafer bench` measures, as data: each is a row beside the whole wafer.
 */
import type { WaferOptions } from '@wafer/runtime';
import { LINK_KINDS, LINK_TRAITS } from '@wafer/runtime/internal';

/** A link that exists, and what a wafer is started with to be cut by it. */
export interface MeasuredLink {
  name: string;
  /** In a few words, for the report. */
  title: string;
  options: Partial<WaferOptions>;
}

export const MEASURED_LINKS: readonly MeasuredLink[] = LINK_KINDS.map((name) => {
  const { title, chips } = LINK_TRAITS[name];
  // Threads of other processes keep no trace.
  return {
    name,
    title,
    options: chips === 'threads' ? { link: name } : { link: name, traceRecords: 0 },
  };
});
