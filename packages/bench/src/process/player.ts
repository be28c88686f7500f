/**
 * Who takes turns in a comparison, and where it lives: in a child process of its own.
 *
 * V8's flags and native libraries with threads hold for a whole process; one process per player
 * keeps them apart. A player is opened once and measured many times, so that players can take
 * turns without loading anything in between.
 */

/** Something that can be measured again and again. */
export interface Player<Task, Sample> {
  measure(task: Task): Promise<Sample>;
  close(): Promise<void>;
}
