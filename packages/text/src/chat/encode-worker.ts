/**
 * Entry of the thread that encodes long texts, one after the other, so that no other thread waits.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { WaferError } from '@wafer/core';
import { createTokenizer } from '../tokenizer/tokenizer.ts';
import { unpackTokenizer } from '../tokenizer/portable.ts';
import { encodeOutput, Protector } from './protect.ts';
import type { EncodeAnswer, EncodeThreadData, EncodeWork } from './encode-thread.ts';

const { tokenizer: packed, path } = workerData as EncodeThreadData;
const description = unpackTokenizer(packed);

parentPort?.on('message', ({ id, work }: { id: number; work: EncodeWork }) => {
  try {
    const ids = Int32Array.from(idsOf(work));
    parentPort?.postMessage({ id, ids } satisfies EncodeAnswer, [ids.buffer]);
  } catch (error) {
    const refusal = error instanceof WaferError ? error.toJSON() : undefined;
    if (refusal === undefined) throw error;
    parentPort?.postMessage({ id, refusal } satisfies EncodeAnswer);
  }
});

function idsOf(work: EncodeWork): number[] {
  const tokenizer = createTokenizer(description, path);
  if (work.kind === 'text') return tokenizer.encode(work.text, work.options);
  const protector = new Protector(tokenizer.special, work.standIns);
  return encodeOutput(work.output, protector, { tokenizer, tokensMax: work.tokensMax });
}
