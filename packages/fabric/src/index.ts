/** Channels between tiles, doorbells, and links across kerfs. */
export * from './channel.ts';
export * from './doorbell.ts';
export * from './port-link.ts';
export * from './random.ts';
export * from './links/frame.ts';
export * from './links/frame-decoder.ts';
export * from './links/handshake.ts';
export * from './links/link-channels.ts';
export * from './links/link-spec.ts';
export * from './links/endpoint.ts';
export type { OutgoingRows } from './links/frame-writer.ts';
export * from './links/faults.ts';
export * from './links/listener.ts';
export * from './links/socket-link.ts';
export * from './stress/links.ts';
export * from './stress/fabric.ts';
export type { FabricStressOptions } from './stress/fabric-layout.ts';
