/**
 * Channels between tiles, doorbells, and what carries them: what every tile thread loads.
 * Links between processes, which need the network, have an entry of their own: `links/index.ts`.
 */
export * from './channel.ts';
export * from './doorbell.ts';
export * from './delay-injection.ts';
export * from './transports/outbox.ts';
export * from './transports/port.ts';
export * from './transports/socket.ts';
export * from './transports/submission-queue.ts';
export * from './transports/transport.ts';
export * from './transports/window.ts';
