/**
 * Bits per byte of an n-gram of order 5 on the targets that `wafer eval` counts.
 *
 * It sees the whole document before a target, also where a row of `wafer eval` begins within it.
 *
 *   node packages/train/bench/ngram.ts --tokenizer stories --train a.txt.gz --valid b.txt.gz \
 *     --separator "<|endoftext|>" [--order 5] [--context 256]
 */
import { parseArgs } from 'node:util';
import { openModel } from '@wafer/models';
import { createTokenizer } from '@wafer/text';
import { openData } from '../src/data/open-data.ts';
import type { TokenSource } from '../src/data/token-source.ts';
import { KneserNey } from './kneser-ney.ts';

const { values } = parseArgs({
  options: {
    tokenizer: { type: 'string', default: 'stories' },
    train: { type: 'string', multiple: true, default: [] },
    valid: { type: 'string', multiple: true, default: [] },
    separator: { type: 'string', default: '<|endoftext|>' },
    order: { type: 'string', default: '5' },
    context: { type: 'string', default: '256' },
  },
});

function documentsOf(data: TokenSource): Uint32Array[] {
  const starts = [...(data.starts ?? [0]), data.count];
  return starts.slice(1).map((end, i) => {
    const ids = new Uint32Array(end - starts[i]!);
    data.read(starts[i]!, ids);
    return ids;
  });
}

const model = await openModel(values.tokenizer);
const tokenizer = createTokenizer(model.tokenizer!, model.name);
const use = { model, separator: values.separator };
const startMs = performance.now();
const documents = documentsOf(openData(values.train, use));
const ngram = new KneserNey(documents, {
  order: Number(values.order),
  vocab: model.spec.vocabCount,
});
for (const path of values.valid) {
  const data = openData([path], use);
  const context = Number(values.context);
  const last = Math.floor((data.count - 1) / context) * context;
  let [nats, bytes, tokens, at] = [0, 0, 0, 0];
  for (const document of documentsOf(data)) {
    document.forEach((token, place) => {
      if (place > 0 && at + place <= last) {
        nats -= Math.log(ngram.probability(token, document.subarray(0, place)));
        bytes += tokenizer.decodeToken(token).length;
        tokens++;
      }
    });
    at += document.length;
  }
  const perByte = nats / bytes;
  process.stdout.write(
    `${JSON.stringify({
      valid: path,
      order: ngram.order,
      ngrams: ngram.size,
      tokens,
      natsPerToken: nats / tokens,
      natsPerByte: perByte,
      bitsPerByte: perByte / Math.LN2,
      seconds: Math.round((performance.now() - startMs) / 1000),
    })}\n`,
  );
}
