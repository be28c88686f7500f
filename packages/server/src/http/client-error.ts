/**
 * What a socket is told that sends no HTTP, too much of it, or too slowly: the envelope of all
 * errors, and then it is closed.
 */
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { ApiError } from '../errors/api-error.ts';

/** Answers and closes a socket whose request was never whole. */
export function refuseSocket(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  const told = refusalOf(error.code);
  if (socket.writable) socket.write(refusalText(told, STATUS_CODES[told.status]!));
  socket.destroy(error);
}

/** An error as the whole answer on a socket that no router has. */
export function refusalText({ status, body }: ApiError, phrase: string): string {
  const text = JSON.stringify(body);
  const lines = [
    `HTTP/1.1 ${status} ${phrase}`,
    'content-type: application/json; charset=utf-8',
    `content-length: ${Buffer.byteLength(text)}`,
    'connection: close',
  ];
  return `${lines.join('\r\n')}\r\n\r\n${text}`;
}

function refusalOf(code: string | undefined): ApiError {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    const message = 'the request did not come in time';
    return new ApiError({ status: 408, code: 'request_timeout', message });
  }
  if (code === 'HPE_HEADER_OVERFLOW') {
    const message = 'the headers are too long';
    return new ApiError({ status: 431, code: 'headers_too_large', message });
  }
  return new ApiError({ status: 400, code: 'invalid_request', message: 'this is no HTTP request' });
}
