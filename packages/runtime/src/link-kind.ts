/**
 * Kinds of links that really carry messages between chips: a row each.
 *
 * A kind is a transport (fabric/transports) and a way to start the chips at its ends
 * (create-fleet.ts); what else depends on it is read from its row.
 */
import { assert } from '@wafer/core';
import type { SocketKind } from '@wafer/fabric/links';

/** What a kind of link says of itself. */
export interface LinkTraits {
  /** In a few words, for reports. */
  title: string;
  /** Chips are threads of this process, or processes of their own. */
  chips: 'threads' | 'processes';
  /** Sockets between processes; undefined between threads. */
  socket: SocketKind | undefined;
  /** Whether chips may wait on other hosts, for who has their secret. */
  canBeRemote: boolean;
}

/** `port`: between threads; `unix`, `tcp`: between processes. */
export type LinkKind = 'port' | 'unix' | 'tcp';

export const LINK_TRAITS: Readonly<Record<LinkKind, LinkTraits>> = {
  port: {
    title: 'MessagePort between threads',
    chips: 'threads',
    socket: undefined,
    canBeRemote: false,
  },
  unix: {
    title: 'unix sockets between processes',
    chips: 'processes',
    socket: 'unix',
    canBeRemote: false,
  },
  tcp: {
    title: 'TCP on loopback between processes',
    chips: 'processes',
    socket: 'tcp',
    canBeRemote: true,
  },
};

export const LINK_KINDS: readonly LinkKind[] = Object.keys(LINK_TRAITS) as LinkKind[];

/** The sockets of a kind of link between processes. */
export function socketOf(kind: LinkKind): SocketKind {
  const { socket } = LINK_TRAITS[kind];
  assert(socket !== undefined, 'processes talk over sockets', { kind });
  return socket;
}
