/**
 * Spans of OpenTelemetry: one for each request, under the caller's trace (`traceparent`).
 *
 * Only its interface is used here: whoever runs the server registers an SDK, as in
 * `wafer.config.ts`. Without one nothing records, and a request costs the look that finds that out.
 *
 * Source: OpenTelemetry semantic conventions for HTTP and generative AI, 2025.
 */
import type { IncomingHttpHeaders } from 'node:http';
import { context, propagation, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { Span, Tracer } from '@opentelemetry/api';

/** Looked up once: an SDK that is registered later is found by it, too. */
export const tracer: Tracer = trace.getTracer('wafer');

/** The span of a request by the signal that says when its client is gone. */
const spans = new WeakMap<AbortSignal, Span>();

/** What is told of a request: patterns and ids, never texts. */
export interface SpannedRequest {
  id: string;
  method: string;
  route: string;
  headers: IncomingHttpHeaders;
}

/** Begins the span of a request; undefined where nobody records. */
export function beginRequestSpan(
  { id, method, route, headers }: SpannedRequest,
  signal: AbortSignal,
): Span | undefined {
  const parent = propagation.extract(context.active(), headers);
  const attributes = {
    'http.request.method': method,
    'http.route': route,
    'wafer.request.id': id,
  };
  const options = { kind: SpanKind.SERVER, attributes };
  const span = tracer.startSpan(`${method} ${route}`, options, parent);
  if (!span.isRecording()) return undefined;
  spans.set(signal, span);
  return span;
}

/** Ends it. */
export function endRequestSpan(span: Span | undefined, status: number): void {
  if (span === undefined) return;
  span.setAttribute('http.response.status_code', status);
  if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
  span.end();
}

/** The span of a request that this signal belongs to. */
export function spanOf(signal: AbortSignal): Span | undefined {
  return spans.get(signal);
}
