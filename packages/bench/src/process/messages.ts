/**
 * What a process and its child say to each other; one answer to every request, in order.
 */

export type ChildRequest =
  | { kind: 'open'; role: string; options: unknown }
  | { kind: 'measure'; task: unknown }
  | { kind: 'close' };

export type ChildAnswer =
  | { kind: 'done'; sample: unknown }
  | { kind: 'failed'; message: string; error: unknown };
