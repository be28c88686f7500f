/**
 * What is asked of a projection, in words: sizes, what a request is, where a model's own limit or a
 * machine's arithmetic is another than what is asked.
 */
import { readMachineName } from '@wafer/timing';
import type { ProjectedWork, Projection } from '@wafer/timing';
import { formatCount, plural, tryGpuFacts, tryWaferFacts } from '@wafer/core';

/** The head of the first screen. */
export function workLines(
  name: string,
  work: ProjectedWork,
  found: readonly Projection[],
): string[] {
  const { shape, contextTokens, promptTokens, batch } = work;
  const beyond = `more than the ${formatCount(shape.contextMax)} positions of its configuration`;
  return [
    `${name}, ${plural(contextTokens, 'token')} before, ${plural(batch, 'sequence')} ` +
      '· nothing runs; hardware without speculation',
    `A request: a prompt of ${plural(promptTokens, 'token')}, read alone, and as many after it, ` +
      `each told with ${formatCount(contextTokens)} before.`,
    ...(Math.max(contextTokens, promptTokens) > shape.contextMax ? [`That is ${beyond}.`] : []),
    ...arithmeticLines(work, found),
  ];
}

/** Machines that multiply in another type than the weights are asked for in. */
function arithmeticLines({ type }: ProjectedWork, found: readonly Projection[]): string[] {
  if (type === 'bf16') return [];
  const wide = found.flatMap(({ machine }) => {
    const { chip } = readMachineName(machine);
    const gpu = tryGpuFacts(chip.toUpperCase());
    return tryWaferFacts(chip) || (gpu && !gpu.opsPerS[type]) ? [machine] : [];
  });
  if (wide.length === 0) return [];
  return [
    `${wide.join(', ')}: no arithmetic in ${type} is known; weights are widened to halves at no ` +
      'cost, and multiplied at the rate of halves.',
  ];
}
