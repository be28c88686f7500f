/**
 * Every error a user can meet, in one table.
 *
 * A broken invariant is a bug: `assert` stops with its values. What may go wrong in use is a
 * `WaferError` with a stable code, the values at odds and the next step. Codes are never reused;
 * a test pins the table, and `docs/errors.md` explains each.
 */

type Details = Readonly<Record<string, unknown>>;

/** Code → message. `{name}` is filled from the details; every message ends in the next step. */
export const ERRORS = {
  // ---- files of a model
  MODEL_NOT_FOUND:
    'no model at {path}; give a Hugging Face folder, a .gguf file, stories or synthetic:15m',
  MODEL_NOT_PULLED:
    'nothing at {path}, nor was it pulled; check the path, or get it with: wafer pull {path}',
  MODEL_UNREADABLE: 'cannot read {path}: {reason}; check the path and its permissions',
  CONFIG_INVALID: 'config of {path}: {field} is {value}, expected {expected}; repair the config',
  MODEL_UNSUPPORTED: '{path} has architecture {architecture}; supported are {supported}',
  MODEL_KIND: '{path} {what}; {hint}',
  GGUF_INVALID: '{path} is no valid GGUF: {reason}; download or convert it again',
  SAFETENSORS_INVALID: '{path} is no valid safetensors file: {reason}; download it again',
  TENSOR_MISSING: '{path} lacks tensor {tensor}, which the config asks for; use a complete model',
  TENSOR_SHAPE:
    'tensor {tensor} has shape {actual}, the config asks for {expected}; take both of one model',
  TENSOR_TYPE:
    'tensor {tensor} has type {type}; take the weights in one of those supported: {supported}',
  TENSOR_NOT_FINITE: 'tensor {tensor} has a value that is not finite; use sound weights',
  TOKENIZER_MISSING:
    '{path} has no tokenizer; save_pretrained writes it, train --tokenizer names one, or pass ids',
  TOKENIZER_INVALID: 'tokenizer of {path}: {reason}; take the published one of this model',
  TEMPLATE_MISSING: '{path} has no chat template; add chat_template.jinja or send plain text',
  TEMPLATE_INVALID: 'chat template of {path}: {reason}; repair it or take the published one',
  TEMPLATE_LIMIT: 'chat template of {path} passed {limit}, allowed are {allowed}; repair it',
  TEMPLATE_REFUSED: 'the chat template of {path} refuses the messages: {reason}; change them',
  SYNTHETIC_UNKNOWN: 'no synthetic model {name}; known are {known}',
  // ---- pulling a model from a hub
  PULL_NOT_FOUND: '{endpoint} has no {what}; check the name and the revision',
  PULL_ACCESS:
    '{endpoint} refuses {what} ({reason}); check the name, accept its terms, set HF_TOKEN',
  PULL_EMPTY: '{model} has no file that {wanted}; it has {files}; choose with --file',
  PULL_CHOICE: '{model} has {count} GGUF files; take one with --file: {files}',
  PULL_ANSWER: 'the answer of {endpoint} is not to be used: {reason}; check --endpoint',
  PULL_CONNECTION: 'no connection to {endpoint}: {reason}; the same command goes on from here',
  PULL_CHECKSUM: '{file} came with checksum {actual}, promised was {expected}; pull it again',
  PULL_SPACE: '{folder} needs {neededBytes} bytes, {freeBytes} are free; make room or use --to',
  // ---- plan
  PLAN_GRID: 'grid {grid} cannot hold the model: {reason}; {hint}',
  PLAN_SRAM: 'tile {tile} needs {neededBytes} bytes, its SRAM has {budgetBytes}; {hint}',
  PLAN_OPTION: 'option {option} is {value}; expected {expected}',
  MACHINE_PARAMETER: 'machine {machine} lacks {parameter}; {hint}',
  VALIDATE_TABLE: 'a table of {rows} rows cannot be judged: {reason}; expected {expected}',
  // ---- requests
  REQUEST_INVALID: 'request: {field} is {value}, expected {expected}',
  PROMPT_TOO_LONG:
    'the prompt has {promptTokens} tokens, the context holds {contextTokens}; {hint}',
  TOKEN_OUT_OF_RANGE:
    'token {token} at position {position} is outside the vocabulary of {vocabCount}',
  KV_EXHAUSTED: 'needs {neededTokens} tokens of KV cache, has {kvTokens}; {hint}',
  ABORTED: 'the request was aborted by its caller',
  // ---- adapters
  ADAPTER_UNKNOWN: 'no adapter {name} is loaded; loaded are: {known}',
  ADAPTER_SLOTS: 'all {slots} slots of adapters are taken; {hint}',
  ADAPTER_RANK:
    'adapter {name} has rank {rank}, slots hold {slotRank}; start with a larger adapters.rank',
  ADAPTER_TARGET: 'adapter {name} changes {tensor}, slots are for {targets}; {hint}',
  // ---- formats that answers are held to
  GRAMMAR_INVALID: 'the format is not valid at {path}: {reason}; mend it',
  GRAMMAR_UNSUPPORTED: '{keyword} at {path} cannot be enforced: {reason}; leave it out',
  GRAMMAR_LIMIT: 'the format passed {limit}, allowed are {allowed}; make it simpler',
  // ---- running
  LOGITS_NOT_FINITE: 'the logits of answer token {tokenIndex} are not finite; use sound weights',
  KERNEL_MISMATCH:
    'kernel {kernel} differs from the reference on this machine; report it with {details}',
  TILE_CRASHED: 'thread {thread} with tiles {tiles} ended: {reason}; start the wafer again',
  TILE_STUCK:
    '{who} has given no sign of life for {silentMs} ms: {what}; start the wafer again, see limits',
  HOST_REFUSED: 'this process cannot {what}: {reason}; {hint}',
  OVERLOADED: 'the queue holds at most {bound} {what}, and this makes {current}; come back later',
  DEADLINE_EXCEEDED: 'no token came within {deadlineMs} ms; allow more time or ask for less',
  SEQUENCE_BROKEN: 'channel {channel} got message {actual}, expected {expected}; report it',
  WAFER_CLOSED: 'the wafer is closed; start a new one',
  // ---- training
  TRAIN_OPTION: 'training option {option} is {value}; expected {expected}',
  TRAIN_MEMORY: 'training needs {neededBytes} bytes, at most {maximumBytes} fit; {hint}',
  TRAIN_UNSUPPORTED: 'cannot train {what}; {hint}',
  CHECKPOINT_INVALID: 'checkpoint {path} is not to be used: {reason}; take one before it',
  DATA_UNREADABLE: 'cannot read data {path}: {reason}; check the path',
  DATA_INVALID: 'data {path}, line {line}: {reason}; repair it',
  DATA_TOO_SHORT: 'the data has {tokens} tokens, one row needs {needed}; give more or less context',
  // ---- links
  STRESS_FAILED: '{what} failed under stress: {reason}; report it with the seed, {seed}',
  LINK_FRAME: '{link} got {reason}; let only chips of the same run connect to it',
  LINK_VERSION: '{link} got version {actual}, speaks {expected}; run one release on all chips',
  LINK_SECRET: '{link} was refused: its secret is not the one of this run; pass the same to all',
  LINK_LISTEN: 'cannot listen at {address}: {reason}; choose another address or end its user',
  LINK_MISMATCH: '{link}: {field} is {actual} there, {expected} here; run one build on all chips',
  CHIP_DIED: '{chip} ended: {reason}; start the wafer again',
  LINK_BROKEN: '{link} broke: {reason}; check that the other chip runs, then start again',
  // ---- what a server stores
  STORE_INVALID: 'cannot use the store {path}: {reason}; check the folder given with --data',
  STORE_IN_USE: 'another server uses the store {path}; end it, or give --data another folder',
  STORE_KEY:
    '{what} was encrypted with another key, without one, or changed; check --data-key-file',
  STORE_KEY_FILE:
    '{path} has {actualBytes} bytes and is no key; give 32 bytes or 64 hexadecimal digits',
  AUDIT_BROKEN:
    'entry {number} of the log of {path} does not fit the one before; look at who could write it',
  // ---- command line
  OUTPUT_EXISTS: '{path} exists; choose another path or pass --force',
  RUNNER_ENDED:
    'the process of {runner} ended: {reason}; if the system ended it, free memory; start again',
  SURROUNDINGS_UNFIT: '{what} is not as a wafer needs it: {reason}; mend that, then run it again',
  PEER_UNAVAILABLE: '{peer} cannot be used: {reason}; mend that, or leave --peer out',
  SERVER_UNUSABLE: '{url} cannot be measured: {reason}; check the address, the key and the model',
  TRACE_INVALID:
    '{path}, line {line}, is no request of a trace: {text}; give CSV or JSONL as named in the docs',
  CASES_INVALID: "{path} is no schema with tests: {reason}; give a folder of MaskBench's files",
  OUTPUT_FAILED: 'cannot write {path}: {reason}; check path, space and permissions',
} as const;

export type ErrorCode = keyof typeof ERRORS;

/** What may go wrong in use: `code` is stable, `details` holds the values named in the message. */
export class WaferError extends Error {
  override readonly name = 'WaferError';
  readonly code: ErrorCode;
  readonly details: Details;

  constructor(code: ErrorCode, details: Details = {}, options?: ErrorOptions) {
    super(`${code}: ${fill(ERRORS[code], details)}`, options);
    this.code = code;
    this.details = details;
  }

  /** A plain form that crosses threads; `fromJSON` turns it back. */
  toJSON(): { code: ErrorCode; details: Details; message: string } {
    return { code: this.code, details: this.details, message: this.message };
  }

  static fromJSON(json: { code: ErrorCode; details: Details }): WaferError {
    return new WaferError(json.code, json.details);
  }
}

/** Stops at a broken invariant, with its values. */
export function assert(
  isTrue: boolean,
  what: string,
  values?: Readonly<Record<string, unknown>>,
): asserts isTrue {
  if (!isTrue) throw new Error(`invariant broken: ${what} ${values ? JSON.stringify(values) : ''}`);
}

function fill(template: string, details: Details): string {
  return template.replace(/\{(\w+)\}/g, (_, name: string) => show(details[name]));
}

function show(value: unknown): string {
  if (Array.isArray(value)) return value.join(', ');
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value);
}
