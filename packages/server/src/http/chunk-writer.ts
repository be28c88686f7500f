/**
 * The body of a response that comes in pieces: what is said in one turn of the event loop goes out
 * as one piece, and so as one call of the system.
 *
 *     step of the engine ─▶ events of many streams ─▶ texts ─ end of the turn ─▶ a write per stream
 *
 * Where this thread keeps up with the engine a piece is a token; where it is behind, pieces grow
 * and their cost falls. Chunks are framed here: the response would frame each with four writes and
 * a turn of its own.
 */
import type { ServerResponse } from 'node:http';

const LAST_CHUNK = '0\r\n\r\n';

export class ChunkWriter {
  readonly #response: ServerResponse;
  /** Of a client of HTTP/1.0 the end of the connection ends the body. */
  readonly #isFramed: boolean;
  #text = '';

  /** The head of the response has been written, and nothing of its body. */
  constructor(response: ServerResponse) {
    this.#response = response;
    this.#isFramed = response.chunkedEncoding;
    response.chunkedEncoding = false;
  }

  /** Characters that wait for the end of the turn. */
  get waitingLength(): number {
    return this.#text.length;
  }

  /** Takes a text that is not empty; it leaves with this turn of the event loop. */
  write(text: string): void {
    if (this.#text === '') atEndOfTurn(this);
    this.#text += text;
  }

  /** Sends what waits. */
  flush(): void {
    const text = this.#text;
    if (text === '' || this.#response.destroyed) return;
    this.#text = '';
    this.#response.write(this.#isFramed ? framed(text) : text);
  }

  /** Sends what waits, and ends the response. */
  end(): void {
    const last = this.#isFramed ? LAST_CHUNK : '';
    const text = this.#text;
    this.#text = '';
    if (this.#response.destroyed) return;
    this.#response.end((text === '' || !this.#isFramed ? text : framed(text)) + last);
  }
}

function framed(text: string): string {
  return `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;
}

// ---- the end of a turn, one for all streams of the thread

let waiting: ChunkWriter[] = [];

function atEndOfTurn(writer: ChunkWriter): void {
  if (waiting.push(writer) === 1) setImmediate(flushAll);
}

function flushAll(): void {
  const writers = waiting;
  waiting = [];
  for (const writer of writers) writer.flush();
}
