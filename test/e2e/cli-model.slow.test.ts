import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runCli, runCliJson, runCliWell, temporaryFolder } from './cli-process.ts';

const folder = temporaryFolder();
afterAll(() => folder[Symbol.dispose]());
const at = (name: string): string => join(folder.path, name);

beforeAll(async () => {
  await Promise.all([
    runCliWell(['init', at('hf'), '--dtype', 'bf16', '--shards', '2', '--seed', '7']),
    runCliWell(['init', at('m.gguf'), '--dtype', 'q4_0']),
  ]);
});

test('init writes safetensors in shards, and a GGUF file where the path says so', () => {
  const shards = readdirSync(at('hf')).filter((name) => name.endsWith('.safetensors'));
  expect(shards).toHaveLength(2);
  expect(readFileSync(at('m.gguf')).subarray(0, 4).toString()).toBe('GGUF');
});

test('init writes any family in both formats, as deep and wide as asked', async () => {
  const sizes = ['--layers', '3', '--width', '192'];
  const written = await Promise.all([
    runCliWell(['init', at('moe'), '--family', 'glm4-moe', '--dtype', 'bf16', ...sizes]),
    runCliWell(['init', at('moe.gguf'), '--family', 'glm4-moe', '--shards', '2', ...sizes]),
  ]);
  expect(written[1]).toContain('moe-00001-of-00002.gguf');
  const paths = [at('moe'), at('moe-00001-of-00002.gguf')];
  for (const path of paths) {
    const text = await runCliWell(['inspect', path]);
    expect(text).toMatch(/^layers +3, width 192, ffn 320$/m);
    expect(text).toMatch(/^experts +3 of 9, 128 wide, and one of 128 for all tokens$/m);
  }
});

test('init leaves what is there alone, unless it is forced', async () => {
  mkdirSync(at('there'));
  writeFileSync(at('there/config.json'), 'mine');
  const refused = await runCli(['init', at('there')]);
  expect(refused).toMatchObject({ code: 5, stdout: '' });
  expect(refused.stderr).toMatch(/^wafer: OUTPUT_EXISTS: .*--force\n$/);
  expect(readFileSync(at('there/config.json'), 'utf8')).toBe('mine');
  expect(await runCliWell(['init', at('there'), '--force'])).toMatch(/^wrote folder .*tiny/);
});

test('inspect shows shape, weights and tokenizer', async () => {
  const text = await runCliWell(['inspect', at('hf')]);
  expect(text).toMatch(/^layers +2, width 64, ffn 96$/m);
  expect(text).toMatch(/^attention +4 heads of 16, 2 KV heads$/m);
  expect(text).toMatch(/^parameters +94,528$/m);
  expect(text).toMatch(/^ {2}bf16 +15 tensors, 184\.0 KiB$/m);
  expect(text).toMatch(/^tokenizer +BPE, 512 tokens$/m);
  expect(text).toMatch(/^begin token +256, put before a text$/m);
});

test('inspect --json counts parameters, and the bytes of each type', async () => {
  const gguf = await runCliJson(['inspect', at('m.gguf'), '--json']);
  expect(gguf['parameterCount']).toBe(94_528);
  // 94,208 weights in blocks of 32 at 18 bytes; 5 norms of 64 in f32.
  expect(gguf['weights']).toEqual([
    { type: 'q4_0', tensorCount: 15, parameterCount: 94_208, bytes: (94_208 / 32) * 18 },
    { type: 'f32', tensorCount: 5, parameterCount: 320, bytes: 1280 },
  ]);
  expect(gguf['special']).toEqual({ begin: 256, addBegin: true, ends: [] });
  expect(gguf['spec']).toMatchObject({ family: 'llama', vocabCount: 512, hasTiedEmbeddings: true });
});
