/**
 * The peer of a served wafer: a server over node-llama-cpp in a process of its own, same file.
 */
import type { Model } from '@wafer/runtime';
import type { LlamaServerRole } from '../peers/llama-server.ts';
import { openChild } from '../process/child.ts';
import { ggufFile, typeOf } from '../speed/model-files.ts';
import { openTarget } from './target.ts';
import type { MeasuredServer } from './target.ts';

/** As many requests at once as a wafer runs sequences. */
const SLOTS = 64;
const CONTEXT_TOKENS_MAX = 1024;

export interface PeerServer {
  name: string;
  target: MeasuredServer;
  close: () => Promise<void>;
}

/** Starts it. Throws: PEER_UNAVAILABLE, OUTPUT_FAILED, SERVER_UNUSABLE. */
export async function openLlamaServer(
  model: Model,
  { cacheFolder, threads }: { cacheFolder: string; threads: number },
): Promise<PeerServer> {
  const file = await ggufFile(model, typeOf(model), cacheFolder);
  const server = await openChild<LlamaServerRole>('llama-server', {
    ...{ model: file.path, threads, slots: SLOTS, cacheFolder },
    contextTokens: Math.min(model.spec.contextMax, CONTEXT_TOKENS_MAX),
  });
  const { url } = await server.measure(undefined);
  const target = await openTarget({ url });
  return { name: 'a server over node-llama-cpp', target, close: () => server.close() };
}
