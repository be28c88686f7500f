/**
 * Processor time of a process and of its main thread, as the system counts it.
 *
 * It says what work was, however busy the machine is with other things. Linux tells it in
 * nanoseconds; elsewhere nothing is known.
 *
 * Source: proc_pid_task(5), sched-stats of the kernel's documentation.
 */
import { readdirSync, readFileSync } from 'node:fs';

/** Nanoseconds on a processor since the start. */
export interface ThreadTimes {
  mainNs: number;
  /** Of all threads that live. */
  allNs: number;
}

/** Undefined where the system does not tell, or the process is gone. */
export function threadTimes(pid: number): ThreadTimes | undefined {
  try {
    const times = { mainNs: 0, allNs: 0 };
    for (const thread of readdirSync(`/proc/${pid}/task`)) {
      const text = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'latin1');
      const ns = Number(text.slice(0, text.indexOf(' ')));
      times.allNs += ns;
      if (thread === String(pid)) times.mainNs = ns;
    }
    return times;
  } catch {
    return undefined;
  }
}
