/**
 * Numbers for people. Machines get JSON.
 */
const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

/** Bytes in the largest binary unit that leaves at least one, as `1.5 KiB`. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${unit === 0 ? String(value) : value.toFixed(1)} ${UNITS[unit] ?? ''}`;
}

/** A whole number with thousands apart, as `15,191,712`. */
export function formatCount(count: number): string {
  return count.toLocaleString('en-US', { maximumFractionDigits: 0 });
}

/** A count and its thing, as `1 thread` and `2 threads`. */
export function plural(count: number, thing: string): string {
  return `${formatCount(count)} ${thing}${count === 1 ? '' : 's'}`;
}

/** A measured figure in three digits, never 0 unless it is: `0.00412`, `98.3`, `1530`. */
export function formatFigure(value: number): string {
  const size = Math.abs(value);
  if (size >= 100 || value === 0) return value.toFixed(0);
  return value.toFixed(Math.min(20, 2 - Math.floor(Math.log10(size))));
}

/** A rate, as `98.3`, with no digits that say nothing. */
export function formatRate(perSecond: number): string {
  if (perSecond > 0 && perSecond < 1) return formatFigure(perSecond);
  return perSecond.toFixed(perSecond >= 1000 ? 0 : 1);
}

/** A span of time in two digits, as `1.2 us`. */
export function formatDuration(ns: number): string {
  const digits = (value: number): string => String(Number(value.toPrecision(2)));
  if (ns >= 1e6) return `${digits(ns / 1e6)} ms`;
  return ns >= 999.5 ? `${digits(ns / 1e3)} us` : `${digits(ns)} ns`;
}
