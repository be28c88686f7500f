/**
 * What a client is told when something goes wrong: one class, and one table from our own codes.
 *
 * The body is OpenAI's envelope, `{ error: { message, type, param, code } }`, always with all four.
 * Refusals that pass by themselves carry Retry-After.
 *
 * Source: OpenAI, "Error codes"; the ErrorResponse of its OpenAPI document.
 */
import { WaferError } from '@wafer/core';
import type { ErrorCode } from '@wafer/core';

export type ApiErrorType =
  | 'invalid_request_error'
  | 'authentication_error'
  | 'permission_error'
  | 'not_found_error'
  | 'rate_limit_error'
  | 'overloaded_error'
  | 'server_error';

export interface ApiErrorSpec {
  status: number;
  code: string;
  message: string;
  /** Default: what the status means. */
  type?: ApiErrorType | undefined;
  /** Which field of the request is meant, as `messages[0].content`. */
  param?: string | undefined;
  retryAfterSeconds?: number | undefined;
}

/** The envelope that every error has. */
export interface ErrorBody {
  error: { message: string; type: string; param: string | null; code: string | null };
}

/** An error that a client is told of. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;
  readonly code: string;
  readonly type: ApiErrorType;
  readonly param: string | undefined;
  readonly retryAfterSeconds: number | undefined;

  constructor(spec: ApiErrorSpec, options?: ErrorOptions) {
    super(spec.message, options);
    this.status = spec.status;
    this.code = spec.code;
    this.type = spec.type ?? typeOf(spec.status);
    this.param = spec.param;
    this.retryAfterSeconds = spec.retryAfterSeconds;
  }

  /** The same of a field by another name. */
  about(param: string): ApiError {
    const { status, code, message, type, retryAfterSeconds } = this;
    const named = this.param === undefined ? message : message.replace(this.param, param);
    const spec = { status, code, message: named, type, param, retryAfterSeconds };
    return new ApiError(spec, { cause: this });
  }

  get body(): ErrorBody {
    const { message, type, param = null, code } = this;
    return { error: { message, type, param, code } };
  }

  get headers(): Record<string, string> {
    const seconds = this.retryAfterSeconds;
    return seconds === undefined ? {} : { 'retry-after': String(seconds) };
  }
}

/** A request that is wrong in one field; `param` names it. */
export function invalidParam(param: string, message: string, code = 'invalid_value'): ApiError {
  return new ApiError({ status: 400, code, param, message });
}

/** A request that asks for what is not offered; says why. */
export function unsupportedParam(param: string, reason: string): ApiError {
  const message = `'${param}' is not supported here: ${reason}`;
  return new ApiError({ status: 400, code: 'unsupported_parameter', param, message });
}

/** A model that is not there, or not for this caller. */
export function unknownModel(id: string, options?: ErrorOptions): ApiError {
  const name = JSON.stringify(id.slice(0, 200));
  const message = `the model ${name} does not exist; GET /v1/models lists those that do`;
  return new ApiError({ status: 404, code: 'model_not_found', param: 'model', message }, options);
}

/** Status of our own codes; the rest is the server's fault. */
const STATUS: Partial<Record<ErrorCode, number>> = {
  REQUEST_INVALID: 400,
  PROMPT_TOO_LONG: 400,
  TOKEN_OUT_OF_RANGE: 400,
  KV_EXHAUSTED: 400,
  TEMPLATE_REFUSED: 400,
  TEMPLATE_MISSING: 400,
  TEMPLATE_LIMIT: 400,
  TOKENIZER_MISSING: 400,
  GRAMMAR_INVALID: 400,
  GRAMMAR_UNSUPPORTED: 400,
  GRAMMAR_LIMIT: 400,
  ABORTED: 499,
  OVERLOADED: 429,
  DEADLINE_EXCEEDED: 504,
  WAFER_CLOSED: 503,
  TILE_CRASHED: 503,
  TILE_STUCK: 503,
  CHIP_DIED: 503,
  LINK_BROKEN: 503,
};

/** Names that clients know, for some of our codes. */
const KNOWN_CODES: Partial<Record<ErrorCode, string>> = {
  PROMPT_TOO_LONG: 'context_length_exceeded',
  REQUEST_INVALID: 'invalid_value',
  OVERLOADED: 'queue_full',
  DEADLINE_EXCEEDED: 'deadline_exceeded',
};

/** Fields of the embedding interface by the names that a request has for them. */
const PARAM_NAMES: Readonly<Record<string, string>> = {
  maxTokens: 'max_completion_tokens',
  topP: 'top_p',
  topK: 'top_k',
  minP: 'min_p',
  presencePenalty: 'presence_penalty',
  frequencyPenalty: 'frequency_penalty',
  repetitionPenalty: 'repetition_penalty',
  logitBias: 'logit_bias',
  logprobs: 'top_logprobs',
  toolChoice: 'tool_choice',
  format: 'response_format',
};

/** Source: sqlite.org, "Result and Error Codes". */
const SQLITE_FULL = 13;
const RETRY_SECONDS = 1;

/** What a client is told of any error; what is not meant for clients says only that it happened. */
export function toApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  if (error instanceof WaferError) return fromWafer(error);
  if ((error as { errcode?: unknown } | undefined)?.errcode === SQLITE_FULL) {
    const full = 'there is no room left to store that; nothing of it was kept';
    return new ApiError({ status: 507, code: 'storage_full', message: full }, { cause: error });
  }
  const message = 'the server failed while it served this request';
  return new ApiError({ status: 500, code: 'internal_error', message }, { cause: error });
}

function fromWafer(error: WaferError): ApiError {
  const { code, details } = error;
  // Its model was deleted meanwhile; which others a wafer has is not told, they may be others'.
  if (code === 'ADAPTER_UNKNOWN') return unknownModel(String(details['name']), { cause: error });
  const status = STATUS[code] ?? 500;
  const isHidden = status === 500;
  const message = isHidden ? `the server failed: ${code}` : error.message.replace(/^[A-Z_]+: /, '');
  const field = details['field'];
  return new ApiError(
    {
      status,
      code: KNOWN_CODES[code] ?? code.toLowerCase(),
      message,
      param: typeof field === 'string' ? paramName(field) : undefined,
      retryAfterSeconds: status === 429 || status === 503 ? RETRY_SECONDS : undefined,
    },
    { cause: error },
  );
}

function paramName(field: string): string {
  const [, first = '', rest = ''] = /^(\w+)(.*)$/.exec(field) ?? [];
  return (Object.hasOwn(PARAM_NAMES, first) ? PARAM_NAMES[first] : first) + rest;
}

function typeOf(status: number): ApiErrorType {
  if (status === 401) return 'authentication_error';
  if (status === 403) return 'permission_error';
  if (status === 404) return 'not_found_error';
  if (status === 429) return 'rate_limit_error';
  if (status === 503) return 'overloaded_error';
  return status >= 500 ? 'server_error' : 'invalid_request_error';
}
