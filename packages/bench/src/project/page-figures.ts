/** Figures of a page, thousands apart; `-` where there is none. */

/** Two digits, as the first screen has them. */
export function rough(value: number): string {
  if (Number.isNaN(value)) return '-';
  const two = Number(value.toPrecision(2));
  return two >= 1000 ? two.toLocaleString('en') : String(two);
}

/** Three digits, thousands whole. */
export function digits(value: number): string {
  if (Number.isNaN(value)) return '-';
  return value >= 1000 ? Math.round(value).toLocaleString('en') : String(+value.toPrecision(3));
}
