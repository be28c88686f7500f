/** Reliable framed links between processes, and the faults that they must stand. */
export * from '../random.ts';
export * from './frame.ts';
export * from './frame-decoder.ts';
export * from './frame-tags.ts';
export * from './handshake.ts';
export * from './link-channels.ts';
export * from './link-spec.ts';
export * from './endpoint.ts';
export type { OutgoingRows } from './frame-writer.ts';
export * from './faults.ts';
export * from './listener.ts';
export * from './socket-link.ts';
