/**
 * How long a thread of a wafer looks for work before it sleeps: so many pauses of a core.
 */
import { SPIN_COUNT } from '@wafer/runtime/internal';

export function spinNs(): number {
  const startMs = performance.now();
  for (let i = 0; i < SPIN_COUNT; i++) Atomics.pause();
  return (performance.now() - startMs) * 1e6;
}
