/** Figures of a projection: no more digits than its ranges allow. */

/** Two digits: what a range of a tenth or more leaves. */
export function rough(value: number): string {
  return Number.isNaN(value) ? '-' : String(Number(value.toPrecision(2)));
}

/** Three digits, thousands whole: of figures that are told beside their range. */
export function figure(value: number): string {
  if (Number.isNaN(value)) return '-';
  return value >= 1000 ? value.toFixed(0) : String(Number(value.toPrecision(3)));
}
