import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { TINY } from '../reference/test-models.ts';
import { tokensInMemory } from '../data/token-source.ts';
import { checkLines } from './lines.ts';
import { epochEndingAt, isShown, planFineTune } from './plan.ts';
import { runFineTune } from './run-order.ts';
import { RESULT_PATH, stepModelPath } from './order.ts';
import type { FineTuneEvent, FineTuneOrder } from './order.ts';

const STORIES = fileURLToPath(
  new URL('../../../../test/models/stories260k/model.gguf', import.meta.url),
);
const ORDER: FineTuneOrder = {
  ...{ model: STORIES, modelsFolder: undefined, folder: '', seed: 3, epochs: 2, batch: 1 },
  ...{ rateMultiplier: undefined, loraRank: undefined, threads: 1, checkpointMs: 1e9 },
  preference: undefined,
};

const chat = (...roles: string[]): object => ({
  messages: roles.map((role, at) => ({ role, content: `Text ${at}.` })),
});

test('each line that cannot be learned from is told by its number and a code', () => {
  const lines = [
    chat('user', 'assistant'),
    '{"messages":',
    [1],
    { prompt: 'a', completion: 'b' },
    { prompt: 'a', completion: '' },
    { text: 'a' },
    { text: 3 },
    { words: 'a' },
    chat('user'),
    chat('user', 'robot'),
    { ...chat('user', 'assistant'), tools: [] },
    '',
    { messages: [{ role: 'assistant', content: 'a', weight: 2 }] },
  ];
  const text = lines.map((one) => (typeof one === 'string' ? one : JSON.stringify(one))).join('\n');
  const examplesOnly = { arePreferences: false };
  const { examples, faults, hasChats } = checkLines(text, examplesOnly);
  expect([examples, hasChats]).toEqual([12, true]);
  expect(faults.map(({ line, code }) => [line, code])).toEqual([
    [2, 'invalid_json_line'],
    [3, 'invalid_json_line'],
    [5, 'invalid_completion'],
    [7, 'invalid_text'],
    [8, 'unknown_format'],
    [9, 'invalid_messages'],
    [10, 'invalid_messages'],
    [11, 'unknown_field'],
    [13, 'invalid_messages'],
  ]);
  expect(faults[7]!.message).toMatch('"tools" would not be learned from');
  expect(checkLines('\n \n', examplesOnly).faults).toMatchObject([
    { code: 'empty_file', line: null },
  ]);
  expect(checkLines('x\n'.repeat(500), examplesOnly).faults).toHaveLength(100);
});

/** A preference of OpenAI's shape. */
const preference = (better: string, other: string, more: object = {}): object => ({
  input: { messages: [{ role: 'user', content: 'Hen?' }], ...more },
  preferred_output: [{ role: 'assistant', content: better }],
  non_preferred_output: [{ role: 'assistant', content: other }],
});

test('each line that is no preference is told by its number and a code', () => {
  const lines = [
    preference('Yes', 'No'),
    { prompt: 'a', chosen: 'b', rejected: 'c' },
    chat('user', 'assistant'),
    preference('Yes', 'Yes'),
    preference('Yes', 'No', { tools: [] }),
    { ...preference('Yes', 'No'), weight: 1 },
    { ...preference('Yes', 'No'), non_preferred_output: [] },
    { prompt: 'a', chosen: 'b', rejected: 7 },
  ];
  const text = lines.map((one) => JSON.stringify(one)).join('\n');
  const { faults, hasChats } = checkLines(text, { arePreferences: true });
  expect(hasChats).toBe(true);
  expect(faults.map(({ line, code }) => [line, code])).toEqual([
    [3, 'unknown_format'],
    [4, 'invalid_preference'],
    [5, 'unknown_field'],
    [6, 'unknown_field'],
    [7, 'invalid_preference'],
    [8, 'invalid_preference'],
  ]);
});

test('what an order leaves open follows from its data, and every epoch has its end', () => {
  const planOf = (count: number, change: Partial<FineTuneOrder> = {}, examples = 10) => {
    const data = tokensInMemory(new Uint32Array(count));
    const order = { ...ORDER, epochs: undefined, batch: undefined, ...change };
    const spec = { ...TINY, contextMax: 64 };
    return planFineTune(order, { spec, data, valid: undefined, examples });
  };
  expect(planOf(20).settings).toMatchObject({ context: 19, batch: 1, steps: 10 });
  expect(planOf(64_001, {}, 1000).settings).toMatchObject({ context: 64, batch: 8, steps: 375 });
  expect(planOf(64_001, { epochs: 1, batch: 7 }).settings.steps).toBe(143);
  const lr = (change: Partial<FineTuneOrder>): number => planOf(99, change).settings.schedule.lr;
  expect(lr({ rateMultiplier: 2 })).toBeCloseTo(2 * lr({}), 12);
  expect(lr({ loraRank: 4 })).toBeGreaterThan(lr({}));
  expect(lr({ preference: {} })).toBeLessThan(lr({}));
  const starts = Uint32Array.of(0, 30, 50, 70);
  const pairs = tokensInMemory(new Uint32Array(99), { starts });
  const use = { spec: TINY, data: pairs, valid: undefined, examples: 2 };
  const { settings, plan } = planFineTune({ ...ORDER, preference: { beta: 0.3 } }, use);
  expect(settings).toMatchObject({ context: 29, batch: 1, steps: 4, preference: { beta: 0.3 } });
  expect(plan).toMatchObject({ beta: 0.3, tokensOfStep: 50 });
  for (const [steps, epochs] of [
    [10, 3],
    [3, 3],
    [2, 5],
    [7, 1],
  ] as const) {
    const plan = { ...planOf(99).plan, steps, epochs };
    const ends = Array.from({ length: steps }, (_, at) => epochEndingAt(at + 1, plan));
    expect(ends.at(-1)).toBe(epochs);
    expect(ends.filter((one) => one !== undefined)).toHaveLength(Math.min(steps, epochs));
    expect(isShown(1, plan) && isShown(steps, plan)).toBe(true);
  }
});

const lines = (count: number): string =>
  Array.from({ length: count }, () => JSON.stringify(chat('user', 'assistant'))).join('\n');

/** What a run tells that is asked to stop after so many steps of each go. */
async function run(folder: string, stepsOfGo: number, change: Partial<FineTuneOrder> = {}) {
  const all: FineTuneEvent[] = [];
  for (let isOver = false; !isOver;) {
    let steps = 0;
    const tell = (event: FineTuneEvent): void => {
      all.push(event);
      if (event.kind === 'step') steps++;
      isOver ||= event.kind === 'done' || event.kind === 'faults';
    };
    const pairs = JSON.stringify(preference('Cluck, cluck.', 'I do not know.'));
    const texts = change.preference
      ? { training_file: pairs, validation_file: pairs }
      : { training_file: lines(4), validation_file: lines(3) };
    const order = { ...ORDER, folder, ...change };
    await runFineTune(order, texts, { tell, isStopping: () => steps >= stepsOfGo });
  }
  return all;
}

function temporary(): string {
  const folder = mkdtempSync(join(tmpdir(), 'wafer-tune-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

test('stopped now and then or never, a run ends with the same model', async () => {
  const [whole, torn] = [temporary(), temporary()];
  const first = await run(whole, Infinity);
  const second = await run(torn, 3);
  const weights = (folder: string): Buffer =>
    readFileSync(join(folder, RESULT_PATH, 'model.safetensors'));
  expect(Buffer.compare(weights(whole), weights(torn))).toBe(0);
  const kinds = (events: FineTuneEvent[], kind: string): FineTuneEvent[] =>
    events.filter((event) => event.kind === kind);
  expect(kinds(second, 'step')).toEqual(kinds(first, 'step'));
  expect(kinds(second, 'done')).toEqual(kinds(first, 'done'));
  expect(kinds(second, 'stopped').length).toBeGreaterThan(0);
  const [half, end] = kinds(first, 'checkpoint') as { step: number; validLoss: number }[];
  expect(end!.validLoss).toBeLessThan(half!.validLoss);
  const early = readFileSync(join(whole, stepModelPath(half!.step), 'model.safetensors'));
  expect(Buffer.compare(early, weights(whole))).not.toBe(0);
  const config = readFileSync(join(whole, RESULT_PATH, 'tokenizer_config.json'), 'utf8');
  expect(JSON.parse(config)).toHaveProperty('chat_template');
});

test('preferences: stopped or never, adapters end alike, and tell pairs apart', async () => {
  const [whole, torn] = [temporary(), temporary()];
  const change = { preference: { beta: 0.2 }, epochs: 4, rateMultiplier: 20, loraRank: 2 };
  const first = await run(whole, Infinity, change);
  const told: FineTuneEvent[] = [];
  const hooks = { tell: (event: FineTuneEvent) => void told.push(event), isStopping: () => true };
  const text = JSON.stringify(preference('Cluck, cluck.', 'I do not know.'));
  const texts = { training_file: text, validation_file: text };
  await runFineTune({ ...ORDER, ...change, folder: torn }, texts, hooks);
  // What the first weights say is asked before anything else, and can be stopped.
  expect(told).toEqual([{ kind: 'stopped', step: 0 }]);
  const second = await run(torn, 2, change);
  const steps = (events: FineTuneEvent[]) => events.filter((event) => event.kind === 'step');
  expect(steps(second)).toEqual(steps(first));
  const weights = (folder: string): Buffer =>
    readFileSync(join(folder, RESULT_PATH, 'model.safetensors'));
  expect(Buffer.compare(weights(whole), weights(torn))).toBe(0);
  const margins = steps(first).map(({ pairs }) => pairs!.margin);
  expect(margins[0]).toBe(0);
  expect(margins.at(-1)).toBeGreaterThan(margins[1]!);
  expect(margins[1]).toBeGreaterThan(0);
});

test('data that are too few, and chats that a template refuses, are told of', async () => {
  const told: FineTuneEvent[] = [];
  const hooks = { tell: (event: FineTuneEvent) => void told.push(event), isStopping: () => false };
  const order = { ...ORDER, folder: temporary() };
  const good = lines(4);
  await runFineTune(order, { training_file: '{"text":"a"}', validation_file: undefined }, hooks);
  await runFineTune(order, { training_file: good, validation_file: '{"text":"a"}' }, hooks);
  await runFineTune(order, { training_file: good, validation_file: 'x' }, hooks);
  const long = `\n${JSON.stringify(preference('a '.repeat(600), 'b '.repeat(601)))}`;
  const pairs = { ...order, folder: temporary(), preference: {} };
  await runFineTune(pairs, { training_file: long, validation_file: undefined }, hooks);
  expect(told).toMatchObject([
    { file: 'training_file', faults: [{ code: 'too_few_tokens', line: null }] },
    { file: 'validation_file', faults: [{ code: 'too_few_tokens', line: null }] },
    { file: 'validation_file', faults: [{ code: 'invalid_json_line', line: 1 }] },
    { file: 'training_file', faults: [{ code: 'too_many_tokens', line: 2 }] },
  ]);
});
