/**
 * What the watchdog of a wafer whose chips are processes looks at: its own threads, and each chip.
 */
import { Doorbell } from '@wafer/fabric';
import type { WaitLimits } from '../threads/wait-limits.ts';
import { watchDoorbell } from '../fleet/watch-tiles.ts';
import type { Watchdog } from '../threads/watchdog.ts';

export interface ChipWatch {
  doorbells: Int32Array;
  /** Doorbells of threads, by who they are. */
  threads: Readonly<Record<string, number>>;
  /** Signs of life, by chip. */
  beats: Int32Array;
  limits: WaitLimits;
  /** Asks all chips for a sign of life. */
  ping(): void;
  hasLoaded(): boolean;
}

export function watchChips(watchdog: Watchdog, watch: ChipWatch): void {
  const { doorbells, threads, beats, limits } = watch;
  for (const [who, bell] of Object.entries(threads)) {
    watchdog.watch(watchDoorbell(who, new Doorbell(doorbells, bell)));
  }
  beats.forEach((_, chip) => {
    watchdog.watch({
      life: () => Atomics.load(beats, chip),
      ask: () => chip === 0 && watch.ping(),
      describe: () => ({ who: `Wafer.Chip[${chip}]`, what: 'its process does not answer' }),
      // Making its plan and opening the model take what they take.
      limitMs: () => (watch.hasLoaded() ? limits.chipMs : limits.stuckMs),
    });
  });
  watchdog.start();
}
