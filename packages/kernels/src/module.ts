/**
 * Modules of WebAssembly, compiled once per process and key; and the mark of 256-bit ones.
 */
import { assert } from '@wafer/core';
import { WIDE_SECTION } from './instantiate.ts';

const modules = new Map<string, WebAssembly.Module>();

/** The module of a key, compiled at the first call. */
export function moduleOf(key: string, bytes: () => Uint8Array<ArrayBuffer>): WebAssembly.Module {
  const known = modules.get(key);
  if (known) return known;
  const module = new WebAssembly.Module(bytes());
  modules.set(key, module);
  return module;
}

/**
 * Appends an empty custom section: id 0, length, name. Different bytes also keep V8 from reusing
 * the code that it made without the flag.
 */
export function withWideSection(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  assert(bytes.length > 8, 'a module has its head', { bytes: bytes.length });
  const name = Buffer.from(WIDE_SECTION);
  return new Uint8Array([...bytes, 0, name.length + 1, name.length, ...name]);
}
