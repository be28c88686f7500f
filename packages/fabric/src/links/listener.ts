/**
 * Waits for links: on a socket file that only this user can reach, or on a TCP port.
 *
 * The file lies in a folder of its own that is closed to others before the file exists, and both
 * are removed in the end. TCP listens on loopback unless told otherwise.
 *
 * Whoever connects is a stranger until it is admitted, that is, proved. Strangers are few at once:
 * where one too many comes, the one that has waited longest goes, so that silent ones lock nobody
 * out. All connections together are bounded, too.
 */
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { reasonOf, WaferError } from '@wafer/core';

/** Where a listener waits. */
export type LinkAddress = { path: string } | { host: string; port: number };

/** Strangers at once: a greeting takes milliseconds. */
const STRANGERS_MAX = 32;
/** Connections at once; what is proved is one parent and one link per chip. */
const CONNECTIONS_MAX = 1024;

/** Sockets between processes; those of `unix` are files, in a folder of their user alone. */
export const SOCKET_KINDS = ['unix', 'tcp'] as const;
export type SocketKind = (typeof SOCKET_KINDS)[number];

/** Whether sockets of a kind are files, which somebody has to remove. */
export function isFileSocket(kind: SocketKind): boolean {
  return kind === 'unix';
}

export interface ListenerOptions {
  kind: SocketKind;
  /** Parent of the socket file's folder; the system's for temporary files unless told. */
  folder?: string;
  /** Interface of a TCP port; loopback unless told. */
  host?: string;
  /** TCP port; any free one unless told. */
  port?: number;
}

export class LinkListener {
  readonly address: LinkAddress;
  readonly #server: Server;
  readonly #folder: string | undefined;
  readonly #sockets: Set<Socket>;

  private constructor(parts: {
    server: Server;
    sockets: Set<Socket>;
    address: LinkAddress;
    folder: string | undefined;
  }) {
    this.#server = parts.server;
    this.#sockets = parts.sockets;
    this.address = parts.address;
    this.#folder = parts.folder;
  }

  /**
   * Starts to wait. Every socket that connects is handed to `onSocket`, which calls `admit` once it
   * is proved. Throws: LINK_LISTEN.
   */
  static async open(
    options: ListenerOptions,
    onSocket: (socket: Socket, admit: () => void) => void,
  ): Promise<LinkListener> {
    const sockets = new Set<Socket>();
    const strangers = new Set<Socket>();
    const server = createServer((socket) => {
      sockets.add(socket);
      strangers.add(socket);
      socket.once('close', () => {
        sockets.delete(socket);
        strangers.delete(socket);
      });
      onSocket(socket, () => strangers.delete(socket));
      const [oldest] = strangers;
      if (strangers.size > STRANGERS_MAX) {
        oldest!.destroy(new Error(`it made room: ${STRANGERS_MAX} others were not proved either`));
        strangers.delete(oldest!); // before its close is told
      }
    });
    server.maxConnections = CONNECTIONS_MAX;
    if (!isFileSocket(options.kind)) {
      const { host: own = '127.0.0.1', port: asked = 0 } = options;
      server.listen(asked, own);
      await listening(server, `${own}:${asked}`);
      const { address: host, port } = server.address() as AddressInfo;
      return new LinkListener({ server, sockets, address: { host, port }, folder: undefined });
    }
    const folder = makeFolder(options.folder ?? tmpdir());
    try {
      chmodSync(folder, 0o700);
      const path = join(folder, 'link');
      server.listen(path);
      await listening(server, path);
      chmodSync(path, 0o600);
      return new LinkListener({ server, sockets, address: { path }, folder });
    } catch (error) {
      server.close();
      rmSync(folder, { recursive: true, force: true });
      throw error;
    }
  }

  /** Stops waiting and removes the file; links that are open stay open. */
  stop(): void {
    if (this.#server.listening) this.#server.close();
    if (this.#folder !== undefined) rmSync(this.#folder, { recursive: true, force: true });
  }

  /** Stops waiting and drops every connection. */
  close(): void {
    this.stop();
    for (const socket of this.#sockets) socket.destroy();
  }
}

/** Throws: LINK_LISTEN. */
function makeFolder(parent: string): string {
  try {
    return mkdtempSync(join(parent, 'wafer-'));
  } catch (error) {
    throw new WaferError('LINK_LISTEN', { address: parent, reason: reasonOf(error) });
  }
}

async function listening(server: Server, address: string): Promise<void> {
  try {
    await once(server, 'listening');
    // A connection that the system refuses, for want of files, is the stranger's loss.
    server.on('error', () => undefined);
  } catch (error) {
    throw new WaferError('LINK_LISTEN', { address, reason: reasonOf(error) });
  }
}
