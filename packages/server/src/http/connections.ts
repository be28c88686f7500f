/**
 * A bound of connections that keeps nobody out: where all are taken, the one that has been without
 * a request for the longest gives way to the next.
 *
 *     connection ─▶ idle ─ request, upgrade ─▶ busy ─ answered ─▶ idle   full: the first idle ends
 *
 * So whoever opens thousands and says nothing, or never ends its headers, pushes out its own. A
 * connection with a request under way stays; where all have one, the next is refused. Under TLS
 * the one below and the one above have the same peer.
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** Holds a server to a bound, before it listens. */
export function boundConnections(server: Server, countMax: number): void {
  /** By peer, the longest idle first. */
  const idle = new Map<string, Socket>();
  /** Requests under way. */
  const counts = new WeakMap<Socket, number>();
  let openCount = 0;
  const rest = (socket: Socket): void => {
    const peer = peerOf(socket);
    if (peer === undefined || socket.destroyed) return;
    idle.delete(peer);
    idle.set(peer, socket);
  };
  const count = (socket: Socket, by: number): void => {
    const peer = peerOf(socket);
    const left = (counts.get(socket) ?? 0) + by;
    counts.set(socket, left);
    if (left === 0) rest(socket);
    else if (peer !== undefined) idle.delete(peer);
  };
  server.on('connection', (socket: Socket) => {
    openCount++;
    const peer = peerOf(socket);
    socket.once('close', () => {
      openCount--;
      if (peer !== undefined) idle.delete(peer);
    });
    rest(socket);
    if (openCount <= countMax) return;
    const [[longestPeer, longest] = ['', socket]] = idle;
    idle.delete(longestPeer); // before its close is told: others may come in this turn
    longest.destroy();
  });
  server.on('secureConnection', rest);
  server.on('request', ({ socket }: IncomingMessage, response: ServerResponse) => {
    count(socket, 1);
    response.once('close', () => count(socket, -1));
  });
  // What it is from here on is no request, and has no end of one.
  server.on('upgrade', ({ socket }: IncomingMessage) => count(socket, 1));
}

function peerOf({ remoteAddress, remotePort }: Socket): string | undefined {
  return remoteAddress === undefined ? undefined : `${remoteAddress} ${remotePort}`;
}
