/**
 * A WebSocket of responses whose turns are held to Open Responses: what is sent, if it is meant to
 * be right, every event that comes back, and that one turn has one end.
 */
import { once } from 'node:events';
import { WebSocket } from 'ws';
import { responseEventFaults } from './checked-fetch.ts';
import { faultsOf } from './schemas.ts';

export interface SocketEvent {
  type: string;
  sequence_number: number;
  delta?: string;
  item?: Record<string, unknown>;
  response?: Record<string, unknown>;
  error?: { code: string; message: string; param?: string | null };
  status?: number;
}

export interface CheckedSocket extends Disposable {
  /** Sends `response.create` and waits for the end of its turn. */
  turn(body: object): Promise<SocketEvent[]>;
}

const END = /^(response\.(completed|incomplete|failed)|error)$/;

/** Connects; the URL is that of HTTP. Throws: Error if the server refuses. */
export async function checkedSocket(
  url: string,
  headers: Readonly<Record<string, string>>,
): Promise<CheckedSocket> {
  const ws = new WebSocket(url.replace(/^http/, 'ws'), { headers });
  await once(ws, 'open');
  const turn = async (body: object): Promise<SocketEvent[]> => {
    const { promise, resolve, reject } = Promise.withResolvers<SocketEvent[]>();
    const events: SocketEvent[] = [];
    const take = (data: Buffer): void => {
      const event = JSON.parse(data.toString()) as SocketEvent;
      events.push(event);
      const faults = eventFaultsOf(event);
      if (faults.length > 0) reject(new Error(`${faults.join('\n')}\n${JSON.stringify(event)}`));
      if (END.test(event.type)) resolve(events);
    };
    const close = (): void => reject(new Error('the socket was closed within a turn'));
    ws.on('message', take).on('close', close);
    ws.send(JSON.stringify({ type: 'response.create', ...body }));
    try {
      return await promise;
    } finally {
      ws.off('message', take).off('close', close);
    }
  };
  return { turn, [Symbol.dispose]: () => ws.close() };
}

function eventFaultsOf(event: SocketEvent): string[] {
  if (event.type !== 'error') return responseEventFaults(event);
  return faultsOf('openResponses', 'WebSocketErrorEvent', event);
}

/** What is wrong with a message of a client. */
export function createFaults(body: object): string[] {
  const event = { type: 'response.create', ...body };
  return faultsOf('openResponses', 'WebSocketResponseCreateEvent', event);
}
