/**
 * Makes llama-cpp.json: fetches llama.cpp, lets it compute, writes down what it says.
 *
 *     node test/golden/make-llama-cpp.ts && npx oxfmt test/golden/llama-cpp.json
 *
 * Needs the trained model beside the repository. Nothing of the wafer computes here.
 */
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { openModel } from '@wafer/runtime';
import type { Tokenizer } from '@wafer/runtime';
import { createTokenizer } from '@wafer/text';
import { LLAMA_CPP_VERSION } from '@wafer/bench';
import { LlamaCpp } from '../full/peers.ts';
import { argmax, leadOf } from './compare.ts';
import { GREEDY_COUNT, STORY_PROMPT, goldenModels, keptLogits, sha256Of } from './llama-cpp.ts';
import type { GoldenFigures, GoldenFile } from './llama-cpp.ts';
import { withGguf } from './specs.ts';
import { STORIES } from './stories.ts';

/** Twice what the test allows a logit to differ: its choices must be beyond doubt. */
const LEAD_MIN = 2e-4;

await using llama = await LlamaCpp.start();

async function figuresOf(
  path: string,
  tokens: number[],
  vocabCount: number,
): Promise<GoldenFigures> {
  const rows = await llama.withModel(path, (model) => model.logits(tokens, vocabCount));
  const lead = Math.min(...rows.map(leadOf));
  if (lead < LEAD_MIN) throw new Error(`choices differ by ${lead} only; take another seed`);
  return {
    sha256: sha256Of(path),
    tokens,
    choices: rows.map((row) => argmax(row)),
    logits: keptLogits(rows),
  };
}

async function storyOf(
  path: string,
  tokenizer: Tokenizer,
): Promise<{ tokens: number[]; text: string }> {
  return await llama.withModel(path, async (model) => {
    const prompt = [tokenizer.begin ?? 0, ...model.encode(STORY_PROMPT)];
    const tokens = await model.greedy(prompt, GREEDY_COUNT);
    return { tokens: [...prompt, ...tokens], text: model.decode(tokens) };
  });
}

const synthetic: Record<string, GoldenFigures> = {};
for (const { name, model, tokens } of goldenModels()) {
  synthetic[name] = await withGguf(model, (_, path) =>
    figuresOf(path, tokens, model.spec.vocabCount),
  );
}

const { tokenizer: description, spec } = await openModel(STORIES.f32);
if (description === undefined) throw new Error('the trained model has no tokenizer');
const tokenizer = createTokenizer(description);
const whole = await storyOf(STORIES.f32, tokenizer);
const half = await storyOf(STORIES.f16, tokenizer);

const golden: GoldenFile = {
  made: {
    by: `node test/golden/make-llama-cpp.ts, node-llama-cpp ${LLAMA_CPP_VERSION}`,
    date: new Date().toISOString().slice(0, 10),
    llamaCpp: llama.release,
    machine: `${process.platform} ${process.arch}, ${cpus()[0]?.model ?? 'unknown'}`,
    settings: 'f32 KV cache, no flash attention, one thread',
  },
  synthetic,
  stories: {
    prompt: STORY_PROMPT,
    f32: { ...(await figuresOf(STORIES.f32, whole.tokens, spec.vocabCount)), text: whole.text },
    f16: { sha256: sha256Of(STORIES.f16), text: half.text },
  },
};
writeFileSync(new URL('./llama-cpp.json', import.meta.url), JSON.stringify(golden));
