import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { runCli, runCliJson, runCliWell, startCli, temporaryFolder } from './cli-process.ts';

const folder = temporaryFolder();
afterAll(() => folder[Symbol.dispose]());
const at = (name: string): string => join(folder.path, name);
writeFileSync(
  at('tokens.u16'),
  Uint16Array.from({ length: 400 }, (_, i) => (i * i + 7 * i) % 50),
);

const CLI = fileURLToPath(new URL('../../packages/cli/src/entry/main.ts', import.meta.url));
const SHAPE = ['--layers', '2', '--width', '16', '--heads', '2', '--vocab', '50'];
const SIZE = ['--batch', '2', '--context', '16', '--warmup', '2', '--order', 'sequential'];

interface Line {
  step: number;
  loss: number;
  gradNorm: number;
  learningRate: number;
}

async function linesOf(words: readonly string[]): Promise<Line[]> {
  const out = await runCliWell(['train', ...words, '--json']);
  return out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
}

function weightsOf(name: string): Buffer {
  return readFileSync(join(at(name), 'model.safetensors'));
}

test('a new model is trained, gone on with, and opens as a model', async () => {
  const data = ['--data', at('tokens.u16')];
  const all = await linesOf([...SHAPE, ...data, '--out', at('a'), '--steps', '4', ...SIZE]);
  expect(all.map(({ step }) => step)).toEqual([1, 2, 3, 4]);
  expect(Object.keys(all[0]!)).toEqual(['step', 'loss', 'gradNorm', 'learningRate']);
  expect(all[0]!.learningRate).toBeCloseTo(0.0005, 12);
  // Left after its first step, then gone on with, on other threads.
  const early = [...SHAPE, ...data, '--out', at('b'), '--steps', '4', ...SIZE];
  const first = await linesOf([...early, '--time', '0s']);
  const rest = await linesOf(['--resume', at('b'), '--grid', '2x1', '--recompute']);
  expect([...first, ...rest]).toEqual(all);
  expect(Buffer.compare(weightsOf('a'), weightsOf('b'))).toBe(0);
  // The log is that of one run, and the page has a curve of all its steps.
  const logOf = (name: string): Line[] =>
    readFileSync(join(at(name), 'steps.jsonl'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Line);
  expect(logOf('b').filter((line) => 'loss' in line)).toEqual(all);
  const page = readFileSync(join(at('b'), 'report.html'), 'utf8');
  expect(page).toContain(`From ${all[0]!.loss.toPrecision(4)} to ${all[3]!.loss.toPrecision(4)}`);
  expect(page).toContain('steps 2 to 4, replica 0, stage 0');
  expect(page).toContain('Training of a new model.');
  const [, places = ''] = /class="mark curve k1" d="M([^"]+)"/.exec(page)!;
  expect(places.split('L')).toHaveLength(4);
  const model = await runCliJson(['inspect', at('a'), '--json']);
  expect(model).toMatchObject({ spec: { layerCount: 2, modelWidth: 16, vocabCount: 50 } });
});

test('a GGUF file, whose rows lie otherwise, is trained with a stop as without', async () => {
  const data = ['--data', at('tokens.u16'), '--samples', '0'];
  const words = ['train', 'stories', ...data, ...SIZE, '--steps', '3'];
  await runCliWell([...words, '--out', at('gguf')]);
  await runCliWell([...words, '--out', at('stopped'), '--time', '0s']);
  await runCliWell(['train', '--resume', at('stopped'), '--samples', '0']);
  expect(Buffer.compare(weightsOf('stopped'), weightsOf('gguf'))).toBe(0);
});

test('a tokenizer that was read from GGUF goes into checkpoints beside the steps', async () => {
  const shape = ['--layers', '1', '--width', '16', '--heads', '2', '--tokenizer', 'stories'];
  const words = ['train', ...shape, '--data', at('tokens.u16'), '--batch', '1', '--context', '16'];
  const often = ['--steps', '4', '--checkpoint-every', '2', '--samples', '0'];
  await runCliWell([...words, ...often, '--out', at('told')]);
  const tokenizerOf = (folder: string): Buffer => readFileSync(join(at(folder), 'tokenizer.json'));
  const last = join('told', 'checkpoints', 'step-00000002');
  expect(tokenizerOf(last).equals(tokenizerOf('told'))).toBe(true);
});

test('what is missing is said, and nothing is written over', async () => {
  const none = await runCli(['train', '--out', at('c')]);
  expect(none).toMatchObject({ code: 2 });
  expect(none.stderr).toMatch(/give --data FILE, or --resume DIR/);
  const again = ['train', ...SHAPE, '--data', at('tokens.u16'), '--out', at('a'), ...SIZE];
  expect((await runCli(again)).stderr).toMatch(/OUTPUT_EXISTS/);
  const beta = await runCli([...again.slice(0, -2), '--force', '--beta2', '1']);
  expect(beta.stderr).toMatch(/TRAIN_OPTION.*beta2 is 1/);
});

test('a run in place of another has none of its checkpoints, and stays what it was', async () => {
  const words = ['train', ...SHAPE, '--data', at('tokens.u16'), '--out', at('placed'), ...SIZE];
  await runCliWell([...words, '--steps', '3', '--checkpoint-every', '1']);
  const seeded = ['--force', '--seed', '9', '--steps', '2', '--checkpoint-every', '0'];
  await runCliWell([...words, ...seeded]);
  expect(readdirSync(join(at('placed'), 'checkpoints'))).toEqual(['step-00000002']);
  const other = ['--resume', at('placed'), '--seed', '9', '--weights', 'bf16'];
  const refused = await runCli(['train', ...other]);
  expect(refused).toMatchObject({ code: 2 });
  expect(refused.stderr).toMatch(/--weights is bf16, the run that --resume names has f32; leave/);
});

test('a trained model is exported, and evaluated alike as a folder and as GGUF', async () => {
  await runCliWell(['export', at('a'), at('a.gguf')]);
  const of = (name: string): Promise<Record<string, unknown>> =>
    runCliJson(['eval', at(name), '--data', at('tokens.u16'), '--context', '16', '--json']);
  const [folderLoss, ggufLoss] = [await of('a'), await of('a.gguf')];
  expect(folderLoss).toMatchObject({ rows: 24, tokens: 384 });
  // Rows read matrices as bf16, which is how an export writes them.
  const words = [...SHAPE, '--data', at('tokens.u16'), '--valid', at('tokens.u16'), ...SIZE];
  const read = ['--weights', 'bf16', '--steps', '3', '--out', at('kept')];
  const ended = (await linesOf([...words, ...read])).at(-1);
  await runCliWell(['export', at('kept'), at('rounded'), '--dtype', 'bf16']);
  const rounded = await of('rounded');
  expect(ended).toHaveProperty('validLoss');
  const { validLoss } = ended as unknown as { validLoss: number };
  expect(Math.abs(Number(rounded['natsPerToken']) / validLoss - 1)).toBeLessThan(1e-6);
  const whole = await of('kept');
  expect(Math.abs(Number(whole['natsPerToken']) / validLoss - 1)).toBeGreaterThan(1e-6);
  // A mixture of experts is trained, says what balances it, and runs.
  const experts = ['--experts', '4', '--ffn', '16', '--z-loss', '0.001', '--steps', '2'];
  const data = ['--data', at('tokens.u16'), '--valid', at('tokens.u16')];
  const lines = await linesOf([...SHAPE, ...experts, ...data, '--out', at('experts'), ...SIZE]);
  const [line] = lines;
  const added = ['zLoss', 'balanceLoss', 'gradNorm', 'learningRate'];
  expect(Object.keys(line!)).toEqual(['step', 'loss', ...added]);
  const { spec } = await runCliJson(['inspect', at('experts'), '--json']);
  expect(spec).toMatchObject({ family: 'mixtral', experts: { balanceLoss: 0.01 } });
  const run = await of('experts');
  expect(run).toMatchObject({ rows: 24, tokens: 384 });
  // Training and inference order their sums otherwise, and mean the same.
  const trained = lines.at(-1) as Partial<Record<'validLoss', number>>;
  expect(Math.abs(Number(run['natsPerToken']) / trained.validLoss! - 1)).toBeLessThan(1e-6);
  // GGUF keeps the base of rotations and ε as f32.
  const ratio = Number(ggufLoss['nats']) / Number(folderLoss['nats']);
  expect(Math.abs(ratio - 1)).toBeLessThan(1e-6);
});

test('a run that is killed at any moment ends with the weights of one that was not', async () => {
  const data = ['--data', at('tokens.u16'), '--steps', '40', '--checkpoint-every', '1'];
  await runCliWell(['train', ...SHAPE, ...data, '--out', at('whole'), ...SIZE]);
  // What an ended process left before its first checkpoint is nothing to write over.
  mkdirSync(join(at('torn'), 'checkpoints/.step-00000000.partial'), { recursive: true });
  let killed = startCli(['train', ...SHAPE, ...data, '--out', at('torn'), ...SIZE, '--json']);
  // While checkpoints are written beside the steps: Ctrl-C waits for them, SIGKILL for nothing.
  const strikes: [number, 'SIGKILL' | 'SIGINT'][] = [
    [30, 'SIGKILL'],
    [20, 'SIGINT'],
    [90, 'SIGKILL'],
  ];
  for (const [afterMs, signal] of strikes) {
    await killed.firstOutput;
    await new Promise((resolve) => setTimeout(resolve, afterMs));
    killed.child.kill(signal);
    const { code, stdout } = await killed.ended;
    if (signal === 'SIGINT') {
      expect([0, 130]).toContain(code);
      const steps = [...stdout.matchAll(/"step":(\d+)/g)].map(([, step]) => Number(step));
      const newest = readdirSync(join(at('torn'), 'checkpoints'))
        .toSorted()
        .at(-1)!;
      expect(newest).toBe(`step-${String(Math.max(...steps)).padStart(8, '0')}`);
    }
    killed = startCli(['train', '--resume', at('torn'), '--checkpoint-every', '1', '--json']);
  }
  expect((await killed.ended).code).toBe(0);
  expect(Buffer.compare(weightsOf('torn'), weightsOf('whole'))).toBe(0);
});

test('a rotten checkpoint is passed over, and a full disk leaves the last good one', async () => {
  const words = ['train', ...SHAPE, '--data', at('tokens.u16'), ...SIZE, '--steps', '8'];
  await runCliWell([...words, '--out', at('even')]);
  await runCliWell([...words, '--out', at('rot'), '--checkpoint-every', '1', '--time', '0s']);
  await runCliWell(['train', '--resume', at('rot'), '--checkpoint-every', '1', '--time', '0s']);
  const newest = join(at('rot'), 'checkpoints/step-00000002/moments.bin');
  const moments = readFileSync(newest);
  moments[99] = moments[99]! ^ 1;
  writeFileSync(newest, moments);
  // A file may have so many blocks: fewer than a checkpoint needs.
  const resume = [process.execPath, CLI, 'train', '--resume', at('rot')].map((w) => `'${w}'`);
  for (const cut of ['', '--stages 2 --chips 2 --link unix', '--replicas 2 --chips 2 --link tcp']) {
    const full = ['-c', `ulimit -f 4; exec ${resume.join(' ')} --checkpoint-every 1 ${cut}`];
    const ended = spawnSync('bash', full, { encoding: 'utf8' });
    expect(ended.stderr).toMatch(/CHECKPOINT_INVALID.*moments have another checksum/);
    expect(ended.stderr).toMatch(/OUTPUT_FAILED.*step-00000002/);
    expect(ended.status).toBeGreaterThan(0);
    const left = readdirSync(join(at('rot'), 'checkpoints')).toSorted();
    expect(left).toEqual(['step-00000000', 'step-00000001', 'step-00000002']);
  }
  const { code, stderr } = await runCli(['train', '--resume', at('rot')]);
  expect(stderr).toMatch(/step-00000002 is not to be used/);
  expect(code).toBe(0);
  expect(Buffer.compare(weightsOf('rot'), weightsOf('even'))).toBe(0);
});

test('a model learns what is preferred, and goes on with it after a stop', async () => {
  const pairs = ['Tom', 'Lily', 'Ben'].map((name) => {
    return { prompt: `${name} was`, chosen: ' happy.', rejected: ' sad and cold.' };
  });
  writeFileSync(at('pairs.jsonl'), pairs.map((one) => JSON.stringify(one)).join('\n'));
  const size = '--batch 3 --context 16 --warmup 0 --lr 0.0003 --steps 4 --lora-rank 2'.split(' ');
  const words = ['stories', '--data', at('pairs.jsonl'), '--valid', at('pairs.jsonl'), ...size];
  const run = ['--dpo', '--dpo-beta', '0.5', '--out'];
  type Pairs = { step: number; margin?: number; validMargin?: number; validPairAccuracy?: number };
  const lines: Pairs[] = await linesOf([...words, ...run, at('preferred')]);
  expect(lines.map(({ step }) => step)).toEqual([1, 2, 3, 4, 4]);
  expect(lines[0]).toMatchObject({ loss: Math.LN2, margin: 0, pairAccuracy: 0 });
  expect(lines[3]!.margin).toBeGreaterThan(0);
  expect(lines[4]!.validMargin).toBeGreaterThan(lines[3]!.margin!);
  const first = await linesOf([...words, ...run, at('left'), '--time', '0s']);
  const rest = await linesOf(['--resume', at('left'), '--replicas', '2']);
  expect([...first, ...rest].filter((line) => 'loss' in line)).toEqual(lines.slice(0, 4));
  expect(Buffer.compare(weightsOf('left'), weightsOf('preferred'))).toBe(0);
  const alone = await runCli(['train', ...words, '--dpo-beta', '1', '--out', at('none')]);
  expect(alone.stderr).toMatch(/--dpo-beta does nothing without --dpo/);
});

test('a model learns chats by heart, and is asked them with the template it learned', async () => {
  const says: [string, string][] = [
    ['What does a hen say?', 'Cluck.'],
    ['And a cow?', 'Moo.'],
    ['And a cat?', 'It says meow.'],
  ];
  const chats = says.map(([user, assistant]) => ({
    messages: [
      { role: 'user', content: user },
      { role: 'assistant', content: assistant },
    ],
  }));
  const choices = says.map(([, answer]) => answer);
  const choice = { prompt: 'User:\nAnd a cow?\nAssistant:\n', choices, answer: 1 };
  const lines = (rows: readonly object[]): string =>
    rows.map((row) => JSON.stringify(row)).join('\n');
  writeFileSync(at('chat.jsonl'), lines(Array.from({ length: 12 }, () => chats).flat()));
  writeFileSync(at('ask.jsonl'), lines([...chats, choice]));
  const shape = ['--layers', '1', '--width', '32', '--heads', '2', '--tokenizer', 'stories'];
  const small = '--batch 4 --context 128 --warmup 2 --lr 0.01 --steps 60'.split(' ');
  const data = ['--data', at('chat.jsonl'), '--out', at('chatty'), '--checkpoint-every', '0'];
  await linesOf([...shape, ...small, ...data]);
  const config = readFileSync(join(at('chatty'), 'tokenizer_config.json'), 'utf8');
  expect(JSON.parse(config)).toHaveProperty('chat_template');
  const asked = ['--data', at('ask.jsonl'), '--accuracy', '--json'];
  expect(await runCliJson(['eval', 'stories', ...asked])).toMatchObject({ questions: 4 });
  const after = await runCliJson(['eval', at('chatty'), ...asked]);
  expect(after).toMatchObject({ questions: 4, right: 4, accuracy: 1 });
  writeFileSync(at('bad.jsonl'), lines([{ prompt: 'a', choices: ['b'], answer: 1 }]));
  const bad = await runCli(['eval', 'stories', '--data', at('bad.jsonl'), '--accuracy']);
  expect(bad.stderr).toMatch(/DATA_INVALID.*line 1: "answer" is none of the numbers 0 to 0/);
});
