/**
 * What the module calls a kernel of a weight type: `linear` of `q4_0` is `linearQ4_0`.
 */
export function exportName(kernel: string, type: string): string {
  return `${kernel}${type.charAt(0).toUpperCase()}${type.slice(1)}`;
}
