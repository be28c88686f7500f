/** Time for links: the wall clock of this process. */
import type { LinkClock } from '@wafer/fabric/links';

export const WALL_CLOCK: LinkClock = {
  nowMs: () => performance.now(),
  after: (delayMs, call) => {
    const timer = setTimeout(call, delayMs);
    return () => clearTimeout(timer);
  },
};
