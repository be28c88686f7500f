/** Channels between tiles, doorbells, and links across kerfs. */
export * from './channel.ts';
export * from './doorbell.ts';
export * from './port-link.ts';
