/**
 * Entry of the thread that makes grammars. It holds nothing worth keeping: whatever a format does
 * to it, it is ended and another one started.
 */
import { parentPort } from 'node:worker_threads';
import { doGrammarWork, type GrammarAnswer, type GrammarWork } from './grammar-work.ts';

parentPort?.on('message', (work: GrammarWork) => {
  parentPort?.postMessage({ kind: 'started' } satisfies GrammarAnswer);
  parentPort?.postMessage(doGrammarWork(work));
});
