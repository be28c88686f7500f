/**
 * Channels between tiles, doorbells, and port links across kerfs: what every tile thread loads.
 * Links between processes, which need the network, have an entry of their own: `links/index.ts`.
 */
export * from './channel.ts';
export * from './doorbell.ts';
export * from './hold.ts';
export * from './port-link.ts';
