/**
 * `--offline`: no connection leaves this machine. What would connect anywhere but to loopback or to
 * a Unix socket fails at once, and nothing is asked of the network for it, not even a name.
 */
import { Socket } from 'node:net';
import { WaferError } from '@wafer/core';

type Connect = Socket['connect'];

/** Where a socket is to go; undefined: to this machine. */
function remoteHost(args: readonly unknown[]): string | undefined {
  // Node's own callers hand over what it made of the arguments: a list of options and listener.
  const [first, second] = Array.isArray(args[0]) ? (args[0] as unknown[]) : args;
  let host: unknown;
  if (typeof first === 'object' && first !== null) {
    const options = first as { host?: unknown; path?: unknown };
    if (typeof options.path === 'string') return undefined;
    host = options.host;
  } else if (typeof second === 'string') {
    host = second;
  }
  if (typeof host !== 'string' || host === '') return undefined;
  const isLocal = /^(localhost|127(\.\d{1,3}){3}|::1|\[::1\])$/i.test(host);
  return isLocal ? undefined : host;
}

/** Refuses connections until disposed. */
export function refuseOutbound(): Disposable {
  const { connect } = Socket.prototype;
  Socket.prototype.connect = function (this: Socket, ...args: unknown[]): Socket {
    const host = remoteHost(args);
    if (host === undefined) return Reflect.apply(connect, this, args) as Socket;
    const error = new WaferError('HOST_REFUSED', {
      ...{ what: `connect to ${host}`, reason: 'it was started with --offline' },
      hint: 'leave --offline out, or ask for nothing that needs a network',
    });
    process.nextTick(() => this.destroy(error));
    return this;
  } as Connect;
  return {
    [Symbol.dispose]: () => {
      Socket.prototype.connect = connect;
    },
  };
}
