import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Wafer } from '@wafer/runtime';
import { MAIN, runCli, runCliJson, temporaryFolder } from './cli-process.ts';
import { hasStories, STORIES } from '../golden/stories.ts';
import { hasPseudoTerminal, startLineOnTerminal, startOnTerminal } from './pseudo-terminal.ts';
import { writeScriptedModel } from './scripted-model.ts';

const folder = temporaryFolder();
const MODEL = join(folder.path, 'scripted');
const GRID = ['--grid', '1x1'];
beforeAll(async () => {
  await writeScriptedModel(MODEL);
  // What is typed here is kept here.
  process.env['XDG_STATE_HOME'] = folder.path;
});
afterAll(() => folder[Symbol.dispose]());

const promptCount = (seen: string): number => Number(/prompt (\d+) tokens/.exec(seen)?.[1]);

test.skipIf(!hasPseudoTerminal)('a chat on a terminal', async () => {
  // Long enough that an answer without an end lasts until Ctrl-C.
  const terminal = startOnTerminal(['chat', MODEL, '--max-tokens', '30000', ...GRID]);
  const { type, see } = terminal;
  await see('> ');
  type('think hard\r');
  // Thinking is in italics and apart, the answer is on a line of its own.
  await see('\u001b[3mtwo and\u001b[23m');
  await see(' two\u001b[23m\r\nIt is four.\r\n');
  const first = promptCount(await see(/prompt \d+ tokens, [^\r]*generated 6 tokens/));
  await see('> ');
  type('call it\r');
  await see('→ add({"a":2})');
  const second = promptCount(await see(/prompt \d+ tokens/));
  // What was said goes into the next prompt.
  expect(second).toBeGreaterThan(first);
  await see('> ');
  type('loop\r');
  await see('la la la la ');
  type('\u0003');
  await see('interrupted');
  await see('> ');
  type('/system be brief\r');
  await see('> ');
  type('/help\r');
  await see('/reset');
  // What each is for stands in one column.
  await see(/""" {14}begins[^]*\/system \[TEXT\] {3}set/);
  await see('> ');
  type('/reset\r');
  await see('> ');
  // The line before these commands comes back, and is answered again.
  type('\u001b[A\u001b[A\u001b[A\u001b[A\u001b[A\r');
  const third = promptCount(await see(/prompt \d+ tokens/));
  expect(third).toBeGreaterThan(0);
  await see('> ');
  type('half a line\u0003');
  type('/nothing\r');
  await see('there is no /nothing');
  await see('> ');
  type('\u0003');
  expect(await terminal.ended).toBe(130);
});

test.skipIf(!hasPseudoTerminal)('a paste and a block in quotes are one turn each', async () => {
  const terminal = startOnTerminal(['chat', MODEL, '--max-tokens', '4', ...GRID]);
  const { type, see } = terminal;
  await see('> ');
  type('\u001b[200~one\rtwo\rthree\u001b[201~\r');
  const pasted = promptCount(await see(/prompt \d+ tokens/));
  await see('> ');
  type('/reset\r');
  await see('is forgotten');
  type('"""one\rtwo\rthree"""\r');
  await see('… ');
  expect(promptCount(await see(/prompt \d+ tokens/))).toBe(pasted);
  await see('> ');
  // The next chat knows what was typed in this one.
  type('/exit\r');
  expect(await terminal.ended).toBe(0);
  const next = startOnTerminal(['chat', MODEL, '--max-tokens', '4', ...GRID]);
  await next.see('> ');
  next.type('\u001b[A\u001b[A');
  await next.see('three"""');
  next.type('\u0003\u0003');
  expect(await next.ended).toBe(130);
});

test('a chat that fills its context goes on without its oldest turns, and says so', async () => {
  const lines = Array.from({ length: 8 }, (_, i) => `question ${i} with some more words\n`);
  const words = ['chat', MODEL, '--max-tokens', '8', '--context', '160', ...GRID];
  const { code, stderr } = await runCli(words, lines.join(''));
  expect({ code, said: code === 0 ? '' : stderr }).toEqual({ code: 0, said: '' });
  expect(stderr).toMatch(/the context is full: the oldest \d turns? of this chat .*\/reset/);
  expect(stderr.match(/prompt \d+ tokens/g)).toHaveLength(8);
});

test('one question is answered alone, as text and as JSON', async () => {
  const words = ['chat', MODEL, 'think hard', ...GRID];
  expect((await runCli(words)).stdout).toBe('It is four.\n');
  const json = ['--json', '--logprobs', '1', '--seed', '3'];
  expect(await runCliJson([...words, ...json])).toMatchObject({
    message: { role: 'assistant', content: 'It is four.' },
    finish: 'stop',
    seed: 3,
    logprobs: expect.arrayContaining([expect.objectContaining({ top: [expect.anything()] })]),
  });
});

test('chat takes the options of run: a format, a trace, the clock of a machine', async () => {
  const trace = join(folder.path, 'trace.json');
  const options = ['--regex', 'a+', '--trace', trace, '--context', '24', '--as', 'h100'];
  for (const words of [
    ['chat', 'stories', 'Once'],
    ['run', 'stories', 'Once'],
  ]) {
    const { code, stdout, stderr } = await runCli([...words, ...options, ...GRID]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/^a+\n$/) });
    expect(stderr).toContain('the context of 24 tokens is full: the answer ends here');
    expect(stderr).toContain('virtual clock: H100');
    expect(JSON.parse(readFileSync(trace, 'utf8'))).toHaveProperty('traceEvents');
    rmSync(trace);
  }
  const file = join(folder.path, 'question.txt');
  writeFileSync(file, 'Once upon a time there was a fox.\n');
  for (const words of [
    ['logits', 'stories', '--tokens', '1,2'],
    ['perplexity', 'stories', '--file', file],
  ]) {
    expect((await runCli([...words, '--trace', trace, ...GRID])).code).toBe(0);
    expect(JSON.parse(readFileSync(trace, 'utf8'))).toHaveProperty('traceEvents');
    rmSync(trace);
  }
});

const canTellStories = hasPseudoTerminal && hasStories('a chat with a trained model');

test.skipIf(!canTellStories)('a chat with a trained model goes on with its story', async () => {
  const options = ['--temperature', '0', '--max-tokens', '12', ...GRID];
  const terminal = startOnTerminal(['chat', STORIES.folder, ...options]);
  const { type, see } = terminal;
  await see('> ');
  type('Once upon a time\r');
  await see(', there was a');
  const first = promptCount(await see(/prompt \d+ tokens/));
  await see('> ');
  type('The dog\r');
  expect(promptCount(await see(/prompt \d+ tokens/))).toBeGreaterThan(first + 12);
  await see('> ');
  type('\u0004');
  expect(await terminal.ended).toBe(0);
});

test.skipIf(!hasPseudoTerminal)('/exit and Ctrl-D end a chat well', async () => {
  const terminal = startOnTerminal(['chat', MODEL, ...GRID]);
  await terminal.see('> ');
  terminal.type('\u0004');
  // The prompt of the shell comes on a line of its own.
  await terminal.see('\n');
  expect(await terminal.ended).toBe(0);
});

test.skipIf(!hasPseudoTerminal)('a chat that was stopped by Ctrl-Z goes on', async () => {
  const { type, see, ended } = startLineOnTerminal('bash --norc -i');
  type(`'${process.execPath}' '${MAIN}' chat '${MODEL}' ${GRID.join(' ')}\r`);
  await see('/help lists');
  await see('> ');
  type('\u001a');
  await see('Stopped');
  type('fg\r');
  await see('fg\r\n');
  await see('> ');
  type('think hard\r');
  await see('It is four.');
  await see('> ');
  type('/exit\r');
  await see(/[$#] /);
  type('exit\r');
  expect(await ended).toBe(0);
});

test('a chat through a pipe: answers on standard output, the rest on standard error', async () => {
  const { code, stdout, stderr } = await runCli(
    ['chat', MODEL, ...GRID],
    'think\n/reset\ncall\n/exit\nthink\n',
  );
  expect({ code, stdout }).toEqual({ code: 0, stdout: 'It is four.\n→ add({"a":2})\n' });
  expect(stderr).toContain('two and two\n');
});

test('a model without a template continues text, and says so once', async () => {
  const words = ['chat', 'synthetic:tiny', ...GRID, '--max-tokens', '4'];
  const { code, stdout, stderr } = await runCli(words, 'Once\nThen\n');
  expect(code).toBe(0);
  expect(stdout).not.toBe('');
  expect(stderr.match(/no chat template/g)).toHaveLength(1);
  expect([...stderr.matchAll(/prompt (\d+) tokens/g)].map(([, n]) => Number(n))).toEqual([5, 13]);
});

test('the embedding interface streams an answer in its parts, over any grid', async () => {
  const question = { role: 'user', content: 'think' } as const;
  for (const grid of ['1x1', '2x1']) {
    await using wafer = await Wafer.start({ model: MODEL, grid });
    const pieces = await Array.fromAsync(wafer.chat([question], { temperature: 0 }));
    const parts = { role: 'assistant', reasoning: 'two and two', content: 'It is four.' };
    expect(pieces.at(-1)?.message).toEqual(parts);
    expect(pieces.map(({ content }) => content).join('')).toBe('It is four.');
    const answer = pieces.at(-1)?.message;
    await Array.fromAsync(wafer.chat([question, answer!, question], { temperature: 0 }));
    const { promptTokens, generatedTokens, computedTokens } = await wafer.metrics();
    // The beginning of the second prompt was in the KV cache.
    expect(computedTokens).toBeLessThan(promptTokens + generatedTokens - 2);
    const { text, tokens } = await wafer.renderChat([question]);
    expect(text).toBe('<|turn|>user: think<|end|><|turn|>assistant: [1]');
    const options = { addBegin: false, allowSpecial: true };
    expect(tokens).toEqual(wafer.tokenizer.encode(text, options));
  }
});
