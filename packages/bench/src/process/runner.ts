/**
 * Who takes turns in a comparison, and where it lives: in a child process of its own.
 *
 * V8's flags and native libraries with threads hold for a whole process; one process per runner
 * keeps them apart. A runner is opened once and measured many times, so that runners can take
 * turns without loading anything in between.
 */

/** Something that can be measured again and again. */
export interface Runner<Task, Sample> {
  measure(task: Task): Promise<Sample>;
  close(): Promise<void>;
}

/** What a child process can be: its name, and the types of what is said to it and by it. */
export interface Role {
  name: string;
  options: unknown;
  task: unknown;
  sample: unknown;
}

export type RunnerOf<R extends Role> = Runner<R['task'], R['sample']>;
