/** Reliable framed links between processes, and the stress that links and windows must stand. */
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
export * from '../stress/links.ts';
export * from '../stress/socket-links.ts';
export * from '../stress/fabric.ts';
export type { FabricStressOptions } from '../stress/fabric-layout.ts';
