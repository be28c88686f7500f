/**
 * Numbers in charts: short, with units, and ticks of an axis at round values.
 */

/** A share as `47%`; small ones with a digit more. */
export function percent(share: number): string {
  return `${(100 * share).toFixed(share > 0 && share < 0.0995 ? 1 : 0)}%`;
}

/** A rate in at most four digits, thousands apart. */
export function rate(perSecond: number): string {
  if (perSecond >= 1000) return Math.round(perSecond).toLocaleString('en-US');
  return perSecond >= 100 ? perSecond.toFixed(0) : String(Number(perSecond.toPrecision(3)));
}

/** A round step, of which about `count` reach over a span above 0. */
function roundStep(span: number, count: number): number {
  const rough = span / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  return [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= rough)!;
}

/** What is this much of a value apart is one tick: their digits would not tell two apart. */
const SPAN_MIN = 1e-4;

/** Round values from at most `min` to at least `max`, about `count` of them; two of one value. */
export function ticksBetween(min: number, max: number, count: number): number[] {
  const size = Math.max(Math.abs(min), Math.abs(max));
  const step = roundStep(max - min > SPAN_MIN * size ? max - min : size || 1, count);
  const first = Math.floor(min / step);
  const last = Math.max(first + 1, Math.ceil(max / step));
  return Array.from({ length: last - first + 1 }, (_, i) =>
    Number(((first + i) * step).toPrecision(6)),
  );
}

/** Round values from 0 to at least `max`, about `count` of them. */
export function ticksTo(max: number, count: number): number[] {
  if (!(max > 0)) return [0, 1];
  const step = roundStep(max, count);
  const ticks = [0];
  while (ticks.at(-1)! < max) ticks.push(Number((ticks.length * step).toPrecision(6)));
  return ticks;
}

/** Bytes in a unit of powers of 1000, short. */
export function bytes(count: number): string {
  if (count >= 1e9) return `${(count / 1e9).toPrecision(3)} GB`;
  if (count >= 1e6) return `${(count / 1e6).toPrecision(3)} MB`;
  return count >= 1e3 ? `${(count / 1e3).toPrecision(3)} kB` : `${Math.round(count)} B`;
}

/** A text of at most so many characters; what is cut off is a dot of three. */
export function shorten(text: string, length: number): string {
  const characters = Array.from(text);
  return characters.length <= length ? text : `${characters.slice(0, length - 1).join('')}…`;
}
