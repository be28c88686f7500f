/** Commands that make models of models, fetch them, and compare what they gave. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { runCli, runCliJson, runCliWell, startCli, temporaryFolder } from './cli-process.ts';
import { STORIES_260K } from '../golden/stories.ts';
import { HubServer } from './hub-server.ts';

const folder = temporaryFolder();
afterAll(() => folder[Symbol.dispose]());
const path = (name: string): string => join(folder.path, name);

test('a model is written in other types and formats, and back without a loss', async () => {
  await runCliWell(['quantize', STORIES_260K, path('f32.gguf'), '--type', 'f32']);
  await runCliWell(['quantize', path('f32.gguf'), path('f16.gguf'), '--type', 'f16']);
  const words = (model: string): string[] => ['logits', model, '--text', 'Once upon', '--top', '3'];
  const logits = await runCliJson(words(STORIES_260K));
  expect(await runCliJson(words(path('f16.gguf')))).toEqual(logits);
  const written = await runCliJson([
    ...['quantize', STORIES_260K, path('q8.gguf'), '--type', 'q8_0', '--json'],
  ]);
  expect(written).toMatchObject({ format: 'gguf', type: 'q8_0', model: STORIES_260K });
  expect(Number(written['weightBytes'])).toBeLessThan(Number(written['weightBytesBefore']));
  expect(await runCliJson(words(path('q8.gguf')))).not.toEqual(logits);
  // Another rotary layout adds in another order: the same text, not the same bits.
  await runCliWell(['quantize', path('f32.gguf'), path('folder'), '--type', 'f16']);
  const text = (model: string): Promise<string> =>
    runCliWell(['run', model, 'Once', '--temperature', '0']);
  expect(await text(path('folder'))).toBe(await text(STORIES_260K));
  const kept = await runCli(['quantize', STORIES_260K, path('x'), '--type', 'q4_0']);
  expect(kept).toMatchObject({ code: 2, stdout: '' });
  expect(kept.stderr).toMatch(/safetensors cannot hold q4_0/);
});

test('perplexity is exp of the mean surprise that the tokens have one by one', async () => {
  const text = 'Once upon a time there was a little girl named Lily. She loved to play.';
  const whole = await runCliJson(['perplexity', STORIES_260K, text, '--json']);
  const { tokens } = (await runCliJson(['tokenize', STORIES_260K, text, '--json'])) as {
    tokens: number[];
  };
  const given = ['logits', STORIES_260K, '--tokens', tokens.join(','), '--top', '512'];
  const { positions } = (await runCliJson(given)) as {
    positions: { top: { id: number; probability: number }[] }[];
  };
  let surprise = 0;
  for (let at = 1; at < tokens.length; at++) {
    const { probability } = positions[at - 1]!.top.find(({ id }) => id === tokens[at])!;
    surprise -= Math.log(probability);
  }
  expect(whole['tokens']).toBe(tokens.length - 1);
  expect(whole['perplexity']).toBeCloseTo(Math.exp(surprise / (tokens.length - 1)), 4);
  const narrow = await runCliJson(['perplexity', STORIES_260K, text, '--window', '8', '--json']);
  expect(narrow['tokens']).toBe(whole['tokens']);
  expect(Number(narrow['perplexity'])).toBeGreaterThan(Number(whole['perplexity']));
  expect((await runCli(['perplexity', STORIES_260K, text, '--window', '1000'])).code).toBe(2);
});

test('show is inspect', async () => {
  expect(await runCliJson(['show', STORIES_260K, '--json'])).toEqual(
    await runCliJson(['inspect', STORIES_260K, '--json']),
  );
});

test('runs of the bench are compared row by row, and what differs is said', async () => {
  const run = (name: string, decode: number, node: string): string => {
    mkdirSync(path(name));
    const head = 'row,clock,prefill_tokens_per_s,decode_tokens_per_s,tokens_hash';
    writeFileSync(
      path(`${name}/wall.csv`),
      `${head}\n"a, whole",wall,10,${decode},h\nb,wall,1,1,${node}\n`,
    );
    writeFileSync(path(`${name}/meta.json`), JSON.stringify({ id: name, versions: { node } }));
    return path(name);
  };
  const folders = [run('A', 10, 'v1'), run('B', 15, 'v2')];
  const json = await runCliJson(['bench', '--compare', ...folders, '--json']);
  expect(json['differences']).toEqual([{ name: 'versions.node', before: '"v1"', after: '"v2"' }]);
  expect(json['pairs']).toMatchObject([
    { row: 'a, whole', decode: [10, 15], ratio: 1.5, hasSameTokens: true },
    { row: 'b', hasSameTokens: false },
  ]);
  expect(await runCliWell(['bench', '--compare', ...folders])).toMatch(/a, whole .*1\.500/);
  expect((await runCli(['bench', '--compare', path('A')])).code).toBe(2);
  expect((await runCli(['bench', '--compare', path('A'), path('none')])).code).toBe(2);
});

test('a model suggests how it is sampled, and flags go first', async () => {
  await runCliWell(['init', path('tiny')]);
  const config = { do_sample: true, temperature: 0.6, top_k: 20, top_p: 0.9 };
  writeFileSync(path('tiny/generation_config.json'), JSON.stringify(config));
  const given = ['run', path('tiny'), 'hi', '--max-tokens', '3', '--json'];
  const told = await runCli(given);
  expect((JSON.parse(told.stdout) as { sampling: object }).sampling).toMatchObject({
    temperature: 0.6,
    topK: 20,
    topP: 0.9,
  });
  expect(told.stderr).toMatch(/as the model suggests: --temperature 0.6 --top-k 20 --top-p 0.9/);
  const greedy = await runCliJson([...given, '--temperature', '0']);
  expect(greedy['sampling']).toEqual({ temperature: 0 });
  const mixed = await runCliJson([...given, '--top-k', '3']);
  expect(mixed['sampling']).toMatchObject({ temperature: 0.6, topK: 3 });
});

test('a model of a hub is fetched where --yes is given, by name or by address', async () => {
  expect(existsSync(path('tiny'))).toBe(true);
  const hub = await new HubServer().start();
  for (const name of readdirSync(path('tiny'))) {
    hub.files.set(name, readFileSync(path(`tiny/${name}`)));
  }
  try {
    const env = { WAFER_MODELS: path('models'), HF_ENDPOINT: hub.endpoint };
    const words = (model: string, ...more: string[]): string[] => [
      ...['run', model, 'hi', '--max-tokens', '2', '--temperature', '0'],
      ...more,
    ];
    const absent = await startCli(words('org/model'), '', env).ended;
    expect(absent).toMatchObject({ code: 3, stdout: '' });
    const fetched = await startCli(words('org/model', '--yes'), '', env).ended;
    expect(fetched).toMatchObject({ code: 0 });
    expect(fetched.stderr).toMatch(/pulled org\/model/);
    const again = await startCli(words(`${hub.endpoint}/org/model`), '', env).ended;
    expect(again).toMatchObject({ code: 0, stdout: fetched.stdout });
  } finally {
    hub.close();
  }
});
