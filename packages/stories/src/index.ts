/**
 * The model that is there without fetching one: small in what it knows, real in how it came about.
 *
 * Llama architecture, 5 layers of width 64, 260,032 weights in f16, 512 tokens, context 512.
 * Source: stories260K of Andrej Karpathy's tinyllamas (MIT), values unchanged.
 */
import { fileURLToPath } from 'node:url';

/** The name that a model is opened by where no file is meant. */
export const STORIES_NAME = 'stories';

/** Path of the model's GGUF file. */
export function storiesPath(): string {
  return fileURLToPath(new URL('../model.gguf', import.meta.url));
}
