/**
 * What a link costs: the same bytes through a link and through a bare socket, in one run.
 *
 *   node packages/fabric/bench/links.ts [--rounds 15] [--count 1000]
 *
 * Two threads, one socket of each kind between them. Round trip: one message there and back; the
 * bare server echoes what it reads, as it reads it. Throughput: messages one way, as many as fit.
 * A message over a link is copied out of and into memory, checked and acknowledged; the bare
 * socket does none of that. Rounds alternate, so that noise falls on both; medians are printed.
 */
import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { parseArgs } from 'node:util';
import { connectLink, frameBytes, LinkListener, SocketLink } from '../src/links/index.ts';
import type {
  LinkAddress,
  LinkChannel,
  LinkClock,
  LinkHandlers,
  LinkEnd,
} from '../src/links/index.ts';

const SIZES = [4096, 65_536] as const;
const LINKS = [
  { name: 'unix', kind: 'unix', isAuthenticated: false },
  { name: 'tcp', kind: 'tcp', isAuthenticated: false },
  { name: 'tcp tags', kind: 'tcp', isAuthenticated: true },
] as const;
const THERE = 1;
const BACK = 2;
/** Messages under way: about a mebibyte. */
function channelOf(channel: number, bytesMax: number): LinkChannel {
  return { channel, bytesMax, slots: 2 ** 20 / bytesMax };
}

const CLOCK: LinkClock = {
  nowMs: () => performance.now(),
  after: (delayMs, call) => {
    const timer = setTimeout(call, delayMs);
    return () => clearTimeout(timer);
  },
};

function specOf(role: 'connect' | 'listen', isAuthenticated: boolean): LinkEnd {
  const identity = { kernelHash: '00'.repeat(32), rounding: 'fused' } as const;
  const secret = new Uint8Array(32);
  const nonce = new Uint8Array(16).fill(role.length);
  return { name: 'Wafer.Link[bench]', role, chip: 0, identity, secret, nonce, isAuthenticated };
}

// ---- the other thread

/** Takes messages into memory; sends those back that are marked by a row count of 1. */
function serveLink(socket: Socket, { bytes, isAuthenticated }: ServerData): void {
  const memory = new Uint8Array(bytes);
  const handlers: LinkHandlers = {
    channels: () => ({
      sends: [channelOf(BACK, bytes)],
      receives: [channelOf(THERE, bytes)],
    }),
    onRoom: () => {},
    onOpen: () => {},
    onCredit: () => {},
    onEnd: () => {},
    onMessage: ({ rowCount }, payload) => {
      const payloadBytes = payload.byteLength;
      const target = memory.subarray(0, payloadBytes);
      payload.read(target);
      link.release(THERE);
      if (rowCount !== 1) return;
      link.send(BACK, { rowCount, hasIndices: false, payloadBytes }, (out) => out.set(target));
    },
  };
  const link = new SocketLink(socket, {
    spec: specOf('listen', isAuthenticated),
    handlers,
    clock: CLOCK,
  });
}

/** After a first byte of 1, echoes what it reads; otherwise answers a byte per so many bytes. */
function serveRaw(socket: Socket, batchBytes: number): void {
  socket.setNoDelay(true);
  let isEcho: boolean | undefined;
  let bytes = 0;
  socket.on('data', (chunk) => {
    let data = chunk as Buffer;
    if (isEcho === undefined) {
      isEcho = data[0] === 1;
      data = data.subarray(1);
    }
    if (isEcho && data.length > 0) socket.write(data);
    if (isEcho) return;
    bytes += data.length;
    if (bytes < batchBytes) return;
    bytes -= batchBytes;
    socket.write('.');
  });
  socket.on('error', () => {});
}

interface ServerData {
  kind: 'unix' | 'tcp';
  /** Whether frames carry tags. */
  isAuthenticated: boolean;
  bytes: number;
  batchBytes: number;
}

async function serve(data: ServerData): Promise<void> {
  const { kind, batchBytes } = data;
  const links = await LinkListener.open({ kind }, (socket) => serveLink(socket, data));
  const raws = await LinkListener.open({ kind }, (socket) => serveRaw(socket, batchBytes));
  parentPort!.postMessage([links.address, raws.address]);
  parentPort!.once('message', () => {
    links.close();
    raws.close();
  });
}

// ---- this thread

/** One way to carry messages of one size; both calls return microseconds per message. */
interface Carrier {
  roundTrip(count: number): Promise<number>;
  stream(count: number): Promise<number>;
  close(): void;
}

async function timed(count: number, work: (done: () => void) => void): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const start = performance.now();
  work(resolve);
  await promise;
  return ((performance.now() - start) * 1000) / count;
}

class LinkCarrier implements Carrier {
  readonly #link: SocketLink;
  readonly #source: Uint8Array;
  #onCredit: () => void = () => {};
  #onMessage: () => void = () => {};

  constructor(address: LinkAddress, { bytes, isAuthenticated }: ServerData) {
    this.#source = new Uint8Array(bytes).map((_, i) => i);
    const target = new Uint8Array(bytes);
    const handlers: LinkHandlers = {
      channels: () => ({
        sends: [channelOf(THERE, bytes)],
        receives: [channelOf(BACK, bytes)],
      }),
      onOpen: () => {},
      onEnd: () => {},
      onRoom: () => this.#onCredit(),
      onCredit: () => this.#onCredit(),
      onMessage: (_, payload) => {
        payload.read(target);
        this.#link.release(BACK);
        this.#onMessage();
      },
    };
    const spec = specOf('connect', isAuthenticated);
    this.#link = connectLink(address, { spec, handlers, clock: CLOCK });
  }

  get opened(): Promise<number> {
    return this.#link.opened;
  }

  #send(rowCount: number): void {
    const rows = { rowCount, hasIndices: false, payloadBytes: this.#source.length };
    this.#link.send(THERE, rows, (payload) => payload.set(this.#source));
  }

  roundTrip(count: number): Promise<number> {
    return timed(count, (done) => {
      let left = count;
      this.#onCredit = () => {};
      this.#onMessage = () => (--left === 0 ? done() : this.#send(1));
      this.#send(1);
    });
  }

  stream(count: number): Promise<number> {
    return timed(count, (done) => {
      let left = count;
      this.#onMessage = done;
      this.#onCredit = () => {
        while (left > 0 && this.#link.canSend(THERE)) this.#send(--left === 0 ? 1 : 0);
      };
      this.#onCredit();
    });
  }

  close(): void {
    this.#link.close();
  }
}

class RawCarrier implements Carrier {
  readonly #sockets: readonly Socket[];
  readonly #message: Uint8Array;
  #onData: (bytes: number) => void = () => {};

  constructor(sockets: readonly Socket[], bytes: number) {
    this.#sockets = sockets;
    this.#message = Buffer.alloc(frameBytes(bytes), 1);
    sockets.forEach((socket, isStream) => {
      socket.setNoDelay(true);
      socket.on('data', (chunk) => this.#onData(chunk.length));
      socket.write(Uint8Array.of(isStream === 0 ? 1 : 0));
    });
  }

  roundTrip(count: number): Promise<number> {
    const socket = this.#sockets[0]!;
    return timed(count, (done) => {
      let left = count;
      let missing = this.#message.length;
      this.#onData = (bytes) => {
        missing -= bytes;
        if (missing > 0) return;
        missing = this.#message.length;
        if (--left === 0) done();
        else socket.write(this.#message);
      };
      socket.write(this.#message);
    });
  }

  stream(count: number): Promise<number> {
    const socket = this.#sockets[1]!;
    return timed(count, (done) => {
      let left = count;
      this.#onData = done;
      const pump = (): void => {
        while (left > 0) {
          left--;
          if (socket.write(this.#message)) continue;
          socket.once('drain', pump);
          return;
        }
      };
      pump();
    });
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
  }
}

async function openRaw(address: LinkAddress, bytes: number): Promise<RawCarrier> {
  const open = async (): Promise<Socket> => {
    const socket = 'path' in address ? connect(address.path) : connect(address.port, address.host);
    await once(socket, 'connect');
    return socket;
  };
  return new RawCarrier([await open(), await open()], bytes);
}

// ---- the measurement

export interface LinkRow {
  kind: string;
  bytes: number;
  what: 'round trip' | 'throughput';
  /** Medians, microseconds per message. */
  linkUs: number;
  rawUs: number;
  /** Median over rounds of link / raw for round trips, raw / link for throughput. */
  ratio: number;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[sorted.length >>> 1]!;
}

async function compare(
  carriers: { link: LinkCarrier; raw: RawCarrier },
  run: (carrier: Carrier) => Promise<number>,
  rounds: number,
): Promise<{ linkUs: number; rawUs: number; linkPerRaw: number }> {
  await run(carriers.link);
  await run(carriers.raw);
  const links: number[] = [];
  const raws: number[] = [];
  for (let round = 0; round < rounds; round++) {
    // Who goes first alternates, too.
    if (round % 2 === 0) links.push(await run(carriers.link));
    raws.push(await run(carriers.raw));
    if (round % 2 === 1) links.push(await run(carriers.link));
  }
  const linkPerRaw = median(links.map((link, i) => link / raws[i]!));
  return { linkUs: median(links), rawUs: median(raws), linkPerRaw };
}

/** Measures all rows; `count` messages of 4 KiB in each round, or a quarter of it of 64 KiB. */
export async function measureLinks(
  options: { rounds: number; count: number },
  onRow: (row: LinkRow) => void,
): Promise<void> {
  const { rounds, count: smallCount } = options;
  for (const { name, kind, isAuthenticated } of LINKS) {
    for (const bytes of SIZES) {
      const count = bytes === SIZES[0] ? smallCount : Math.ceil(smallCount / 4);
      const batchBytes = count * frameBytes(bytes);
      const workerData: ServerData = { kind, isAuthenticated, bytes, batchBytes };
      const worker = new Worker(new URL(import.meta.url), { workerData });
      const [[linkAddress, rawAddress]] = (await once(worker, 'message')) as [LinkAddress[]];
      const link = new LinkCarrier(linkAddress!, workerData);
      await link.opened;
      const carriers = { link, raw: await openRaw(rawAddress!, bytes) };
      const trip = await compare(carriers, (carrier) => carrier.roundTrip(count), rounds);
      onRow({ kind: name, bytes, what: 'round trip', ...trip, ratio: trip.linkPerRaw });
      const flow = await compare(carriers, (carrier) => carrier.stream(count), rounds);
      onRow({ kind: name, bytes, what: 'throughput', ...flow, ratio: 1 / flow.linkPerRaw });
      carriers.link.close();
      carriers.raw.close();
      worker.postMessage('stop');
      await once(worker, 'exit');
    }
  }
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      rounds: { type: 'string', default: '15' },
      count: { type: 'string', default: '1000' },
    },
  });
  const options = { rounds: Number(values.rounds), count: Number(values.count) };
  console.log('link       bytes  what        link µs   raw µs  ratio');
  await measureLinks(options, ({ kind, bytes, what, linkUs, rawUs, ratio }) => {
    const bar = what === 'round trip' ? ratio <= 1.3 : ratio >= 0.6;
    const cells = [
      kind.padEnd(8),
      String(bytes).padStart(6),
      what.padEnd(10),
      linkUs.toFixed(1).padStart(8),
      rawUs.toFixed(1).padStart(8),
      ratio.toFixed(2).padStart(6),
      bar ? '' : '(misses its bar)',
    ];
    console.log(cells.join('  '));
  });
}

if (!isMainThread) await serve(workerData as ServerData);
else if (import.meta.main) await main();
