/**
 * A tile's memory as channels see it: a WebAssembly memory, in types that need nothing of a browser
 * (Node's own have no name for it).
 */
export interface TileMemory {
  readonly buffer: ArrayBufferLike;
}
