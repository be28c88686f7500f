import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expertsOf } from '@wafer/core';
import { detectRounding } from '@wafer/kernels';
import { openModel } from '@wafer/models';
import { expect, onTestFinished, test } from 'vitest';
import { listCheckpoints, openCheckpoint } from './checkpoint/checkpoint.ts';
import { PairRows } from './data/pair-rows.ts';
import { tokensInMemory } from './data/token-source.ts';
import { specOfShape } from './model/shape-spec.ts';
import type { TokenSource } from './data/token-source.ts';
import { fillUniform } from './generator.ts';
import { balanceLossOf } from './network/expert-ops.ts';
import { trainedTensors } from './network/program.ts';
import { pairLoss } from './preferences.ts';
import { singleArithmetic } from './reference/arithmetic.ts';
import { referencePairs } from './reference/preference.ts';
import { referenceRow } from './reference/row-pass.ts';
import {
  testModel,
  TINY,
  TINY_ADAPTERS,
  TINY_EXPERTS,
  TINY_SIGMOID,
} from './reference/test-models.ts';
import { learningRate, withOtherEnd } from './schedule.ts';
import { TRAIN_DEFAULTS } from './settings.ts';
import type { TrainSettings } from './settings.ts';
import { Trainer } from './trainer.ts';
import type { TrainJob } from './trainer.ts';

const MODEL = testModel();

function jobOf(settings: Partial<TrainSettings> = {}): TrainJob {
  const values = new Float32Array(700);
  fillUniform(values, { seed: 9, tensor: 0, a: 1 });
  const ids = Uint32Array.from(values, (value) => Math.floor(((value + 1) / 2) * TINY.vocabCount));
  return {
    model: MODEL,
    isNew: true,
    settings: { ...TRAIN_DEFAULTS, steps: 6, batch: 2, context: 16, ...settings },
    shape: { replicas: 1, stages: 1, tiles: 1, recompute: false },
    rounding: detectRounding(),
    data: tokensInMemory(ids),
    valid: tokensInMemory(ids.slice(0, 100)),
  };
}

async function trainTo(trainer: Trainer, step: number): Promise<string> {
  while (trainer.step < step) await trainer.next();
  return JSON.stringify(trainer.hashes());
}

function temporary(): string {
  const folder = mkdtempSync(join(tmpdir(), 'wafer-train-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

test('a run that goes on from any step ends as one that never stopped', async () => {
  const straight = await trainTo(new Trainer(jobOf()), 6);
  for (const stop of [1, 3, 5]) {
    const folder = temporary();
    const first = new Trainer(jobOf());
    await trainTo(first, stop);
    const path = first.checkpoint(folder, { any: 'thing' }, 3);
    const found = await openCheckpoint(path);
    expect(found.state).toEqual({ step: stop, updates: stop, job: { any: 'thing' } });
    const second = new Trainer({ ...jobOf(), model: found.model, isNew: false }, found);
    expect(await trainTo(second, 6)).toBe(straight);
  }
});

test('a mixture of experts is written as what it is, and trained further', async () => {
  const spec = { ...TINY_EXPERTS, hasTiedEmbeddings: false };
  const experts = { ...expertsOf(spec), balanceLoss: 0.02 };
  const first = new Trainer({ ...jobOf(), model: { ...MODEL, spec: { ...spec, experts } } });
  const { balanceLoss, loss } = await first.next();
  // Even routing of two experts a token gives 2; coefficients come from the model.
  expect(balanceLoss).toBeGreaterThan(0.02 * 1.9);
  expect(balanceLoss).toBeLessThan(0.02 * 3);
  const folder = temporary();
  first.writeModel(folder);
  const model = await openModel(folder);
  expect(model.spec).toMatchObject({ family: 'mixtral', experts });
  const config = join(folder, 'config.json');
  const text = readFileSync(config, 'utf8');
  writeFileSync(config, text.replace('"output_router_logits": true', '"_": 0'));
  // As in transformers, a coefficient alone says nothing.
  expect(expertsOf((await openModel(folder)).spec)).not.toHaveProperty('balanceLoss');
  const further = new Trainer({ ...jobOf(), model, isNew: false });
  expect(further.hashes().weights).toBe(first.hashes().weights);
  expect((await further.next()).loss).not.toBe(loss);
  expect(balanceLossOf(model.spec, pairJob().settings)).toBe(0);
  expect(() => new Trainer(jobOf({ balanceLoss: 0.1 }))).toThrow(/TRAIN_OPTION.*balanceLoss/);
  const shape = { layers: 20, width: 8, heads: 2, kvHeads: 2, ffn: 4, vocab: 9, context: 8 };
  const specWith = (count: number, chosen: number): unknown =>
    specOfShape({ ...shape, isTied: true, experts: { count, chosen } });
  expect(() => specWith(3, 4)).toThrow(/TRAIN_OPTION.*expertsPerToken is 4/);
  expect(() => specWith(4000, 4)).toThrow(/TRAIN_OPTION.*experts is 4000.*at most 3276 in each/);
});

test('experts as GLM-4.5 has them are trained further; what the choice adds stays', async () => {
  const { experts, ...spec } = TINY_SIGMOID;
  const shared = { ...experts!, sharedWidth: experts!.expertWidth };
  const glm = { ...spec, family: 'glm4-moe', hasTiedEmbeddings: false, experts: shared };
  const first = new Trainer({ ...jobOf(), model: { ...MODEL, spec: glm } });
  const given = Float32Array.of(0.1, -0.1, 0, 0.2, 0.05, -0.3);
  first.run.tensor('weights', 'layers.1.router.selectionBias').set(given);
  const folder = temporary();
  first.writeModel(folder);
  const model = await openModel(folder);
  expect(model.spec).toMatchObject({ family: 'glm4-moe', experts: shared });
  const further = new Trainer({ ...jobOf(), model, isNew: false });
  expect((await further.next()).balanceLoss).toBeGreaterThan(0);
  expect(further.run.tensor('weights', 'layers.1.router.selectionBias')).toEqual(given);
  const end = await trainTo(further, 6);
  const again = new Trainer({ ...jobOf(), model, isNew: false });
  await trainTo(again, 3);
  const found = await openCheckpoint(again.checkpoint(temporary(), {}, 1));
  const resumed = new Trainer({ ...jobOf(), model: found.model, isNew: false }, found);
  expect(await trainTo(resumed, 6)).toBe(end);
});

test('a run that is given another end goes on as if it had been asked so', async () => {
  const base = { ...TRAIN_DEFAULTS.schedule, kind: 'wsd', warmup: 1, decaySteps: 2 } as const;
  const straight = await trainTo(new Trainer(jobOf({ steps: 8, schedule: base })), 8);
  const first = new Trainer(jobOf({ steps: 6, schedule: base }));
  await trainTo(first, 4);
  const found = await openCheckpoint(first.checkpoint(temporary(), {}, 3));
  const settings = withOtherEnd(first.job.settings, { steps: 8 }, 4);
  const second = new Trainer({ ...jobOf(settings), model: found.model, isNew: false }, found);
  expect(await trainTo(second, 8)).toBe(straight);
  // The fall has begun, or would have; of a cosine it begins at once.
  const late = (change: object, done: number) => (): unknown =>
    withOtherEnd({ ...settings, ...change }, { steps: 6 }, done);
  expect(late({}, 4)).not.toThrow();
  expect(late({}, 5)).toThrow(/TRAIN_OPTION.*steps is 6.* 5 steps done/);
  expect(late({ steps: 5 }, 4)).toThrow('TRAIN_OPTION');
  expect(late({ schedule: TRAIN_DEFAULTS.schedule, steps: 200 }, 150)).toThrow('TRAIN_OPTION');
});

test('accumulation is the same batch in other words', async () => {
  const whole = await trainTo(new Trainer(jobOf({ batch: 4 })), 6);
  expect(await trainTo(new Trainer(jobOf({ batch: 1, accumulate: 4 })), 6)).toBe(whole);
  expect(await trainTo(new Trainer(jobOf({ batch: 2, accumulate: 2 })), 6)).toBe(whole);
});

const ROT: Record<string, (path: string) => void> = {
  'cut-off moments': (path) => truncateSync(join(path, 'moments.bin'), 100),
  'a flipped bit in a moment': (path) => flip(join(path, 'moments.bin'), 1000),
  'a flipped bit in a second moment': (path) => flip(join(path, 'moments.bin'), -9),
  'a format of another time': (path) => {
    const state = join(path, 'train.json');
    writeFileSync(state, readFileSync(state, 'utf8').replace('"format": 2', '"format": 1'));
  },
  'a flipped bit in a weight': (path) => flip(join(path, 'model.safetensors'), -9),
  'a torn state': (path) => truncateSync(join(path, 'train.json'), 30),
  'no config': (path) => rmSync(join(path, 'config.json')),
  'another setting': (path) => {
    const state = readFileSync(join(path, 'train.json'), 'utf8');
    writeFileSync(join(path, 'train.json'), state.replace('"updates": 1', '"updates": 3'));
  },
  'a longer state': (path) => appendFileSync(join(path, 'train.json'), '}'),
};

function flip(path: string, at: number): void {
  const bytes = readFileSync(path);
  const index = at < 0 ? bytes.length + at : at;
  bytes[index] = bytes[index]! ^ 16;
  writeFileSync(path, bytes);
}

async function reopened(path: string): Promise<Trainer> {
  const found = await openCheckpoint(path);
  return new Trainer({ ...jobOf(), model: found.model, isNew: false }, found);
}

test.each(Object.entries(ROT))('%s is refused by a code', async (_, spoil) => {
  const folder = temporary();
  const trainer = new Trainer(jobOf());
  await trainTo(trainer, 1);
  const path = trainer.checkpoint(folder, {}, 3);
  spoil(path);
  await expect(reopened(path)).rejects.toThrow('CHECKPOINT_INVALID');
});

test('a flipped bit of any file is refused by a code, or is of no account', async () => {
  const folder = temporary();
  const first = new Trainer(jobOf());
  await trainTo(first, 1);
  const path = first.checkpoint(folder, { lr: 0.001 }, 3);
  const straight = await trainTo(first, 2);
  const names = readdirSync(path).toSorted();
  const places = new Float32Array(3 * 40);
  fillUniform(places, { seed: 5, tensor: 0, a: 0.5 });
  const outcomes = { refused: 0, same: 0 };
  for (let i = 0; i < places.length; i += 3) {
    const [file = 0, at = 0, bit = 0] = places.subarray(i, i + 3).map((value) => value + 0.5);
    const target = join(path, names[Math.floor(file * names.length) % names.length]!);
    const bytes = readFileSync(target);
    const spoiled = Uint8Array.from(bytes);
    const index = Math.min(bytes.length - 1, Math.floor(at * bytes.length));
    spoiled[index] = spoiled[index]! ^ (1 << Math.floor(bit * 8));
    writeFileSync(target, spoiled);
    const end = await reopened(path).then((again) => trainTo(again, 2), String);
    if (end !== straight) expect(end, target).toMatch(/CHECKPOINT_INVALID/);
    outcomes[end === straight ? 'same' : 'refused']++;
    writeFileSync(target, bytes);
  }
  expect(outcomes.refused).toBeGreaterThan(30);
  expect(await trainTo(await reopened(path), 2)).toBe(straight);
});

test('a checkpoint that is stopped, or left half written, leaves those before alone', async () => {
  const folder = temporary();
  const trainer = new Trainer(jobOf());
  const stop = new Error('stop');
  let calls = 0;
  trainer.checkpoint(folder, {}, 3, () => calls++);
  expect(calls).toBeGreaterThan(10);
  await trainTo(trainer, 1);
  for (let at = 0; at < calls; at++) {
    let left = at;
    const check = (): void => {
      if (left-- === 0) throw stop;
    };
    expect(() => trainer.checkpoint(folder, {}, 3, check)).toThrow(stop);
    expect(readdirSync(folder)).toEqual(['step-00000000']);
  }
  for (const name of ['.step-00000009.partial', '.step-00000000.partial.weights']) {
    mkdirSync(join(folder, name, 'x'), { recursive: true });
  }
  trainer.checkpoint(folder, {}, 3);
  trainer.checkpoint(folder, { written: 'over it' }, 3);
  expect(readdirSync(folder).toSorted()).toEqual(['step-00000000', 'step-00000001']);
  const [newest] = listCheckpoints(folder);
  expect((await openCheckpoint(newest!)).state.job).toEqual({ written: 'over it' });
});

test('the last checkpoints are kept, and each opens as a model', async () => {
  const folder = temporary();
  const trainer = new Trainer(jobOf());
  for (let step = 1; step <= 4; step++) {
    await trainTo(trainer, step);
    trainer.checkpoint(folder, {}, 2);
  }
  const names = listCheckpoints(folder).map((path) => path.slice(-8));
  expect(names).toEqual(['00000004', '00000003']);
  const model = await openModel(listCheckpoints(folder)[0]!);
  expect(model.spec.layerCount).toBe(TINY.layerCount);
  const types = Object.values(model.source.tensors).map(({ type }) => type);
  expect(new Set(types)).toEqual(new Set(['f32']));
});

test('the validation is the mean over its rows, however many a step has', async () => {
  const losses: number[] = [];
  for (const batch of [1, 2, 4]) {
    const trainer = new Trainer(jobOf({ batch }));
    losses.push((await trainer.validate())!);
    await trainer.close();
  }
  // Six rows: with four a step the last two of eight are none of them.
  expect(losses[1]).toBeCloseTo(losses[0]!, 9);
  expect(losses[2]).toBeCloseTo(losses[0]!, 9);
});

test('a step says the rate of its number; one that is skipped is no update', async () => {
  const trainer = new Trainer(jobOf());
  const { schedule, steps } = trainer.job.settings;
  const weight = trainer.run.tensor('weights', trainer.run.program.tensors[0]!.name);
  const before = weight[0]!;
  weight.fill(NaN);
  const skipped = await trainer.next();
  expect(skipped).toMatchObject({ step: 1, isSkipped: true });
  weight.fill(before);
  const second = await trainer.next();
  expect(second).toMatchObject({ step: 2, isSkipped: false });
  expect(second.learningRate).toBe(learningRate(schedule, 2, steps));
  expect(second.learningRate).not.toBe(skipped.learningRate);
  const { state } = await openCheckpoint(trainer.checkpoint(temporary(), {}, 1));
  expect(state).toMatchObject({ step: 2, updates: 1 });
  await trainer.close();
});

/** Four pairs of documents, whose better answers are another part of the vocabulary. */
function pairsOf({ first = 0 } = {}): TokenSource {
  const ids = Array.from({ length: 8 }, (_, i) => {
    const document = (i + 2 * first) % 8;
    const said = [0, 1, 2, 3, 4].map((t) => (document % 2) * 5 + 8 + t);
    return [1, 2, 3 + (document >> 1), ...said].slice(0, 8 - (i % 3));
  });
  const starts = ids.map((_, at) => ids.slice(0, at).flat().length);
  return tokensInMemory(Uint32Array.from(ids.flat()), {
    starts: Uint32Array.from(starts),
    counts: Uint8Array.from(ids.flatMap((one) => one.map((_, t) => (t > 2 ? 1 : 0)))),
  });
}

function pairJob(settings: Partial<TrainSettings> = {}, adapters?: TrainJob['adapters']): TrainJob {
  const schedule = { ...TRAIN_DEFAULTS.schedule, kind: 'constant', lr: 0.01, warmup: 0 } as const;
  const more = { batch: 2, preference: { beta: 0.2 }, schedule, ...settings };
  return { ...jobOf(more), data: pairsOf(), valid: pairsOf({ first: 1 }), adapters };
}

test.each([undefined, TINY_ADAPTERS])(
  'preferences: a step has the bits of the reference (adapters: %j)',
  async (adapters) => {
    const trainer = new Trainer(pairJob({ batch: 1, order: 'sequential' }, adapters));
    const { program } = trainer.run;
    const arithmetic = singleArithmetic(trainer.job.rounding);
    const held = (): Map<string, Float32Array> =>
      new Map(
        program.tensors.map(({ name }) => [name, trainer.run.tensor('weights', name).slice()]),
      );
    const start = held();
    const rows = new PairRows(pairsOf(), trainer.job.settings);
    await trainer.next();
    const weights = held();
    const { loss, pairs } = await trainer.next();
    const pair = [2, 3].map((index) => {
      const row = rows.create();
      rows.read(index, row);
      return row;
    });
    const use = { rows: pair, beta: 0.2, arithmetic };
    const first = pair.map((row) => referenceRow(program, start, { row, share: 0, arithmetic }));
    const references = first.map((one) => -one.loss);
    const expected = referencePairs(program, weights, { ...use, references });
    expect(loss).toBeCloseTo(expected.loss, 12);
    expect(pairs!.margin).not.toBe(0);
    const [better, other] = expected.rows;
    for (const [name, gradient] of better!.gradients) {
      if (name === 'embed' || !trainedTensors(program).some((one) => one.name === name)) continue;
      const sum = gradient.map((value, i) => value + other!.gradients.get(name)![i]!);
      expect([...trainer.run.gradient(name)], name).toEqual([...sum]);
    }
    await trainer.close();
  },
);

test('preferences: the margin rises from 0, and a run goes on to the same bits', async () => {
  const trainer = new Trainer(pairJob({ steps: 30 }));
  const begun = await trainer.next();
  expect([begun.loss, begun.pairs]).toMatchObject([Math.LN2, { margin: 0, accuracy: 0 }]);
  await trainTo(trainer, 30);
  const end = (await trainer.validatePairs())!;
  expect(end.margin).toBeGreaterThan(1);
  expect(end.accuracy).toBe(1);
  expect(await trainer.validate()).toBe(end.loss);
  expect(trainer.memoryBytes).toBe(trainer.run.layout.bytes.all + 2 * 8 * 8);
  const first = new Trainer(pairJob({ steps: 30 }));
  await trainTo(first, 10);
  const path = first.checkpoint(temporary(), {}, 1);
  const found = await openCheckpoint(path);
  const job = { ...pairJob({ steps: 30 }), model: found.model, isNew: false };
  const second = new Trainer(job, found);
  expect(await trainTo(second, 30)).toBe(JSON.stringify(trainer.hashes()));
  expect(await second.validatePairs()).toEqual(end);
  const others = { ...pairsOf(), counts: new Uint8Array(pairsOf().count).fill(1) };
  for (const other of [{ data: others }, { valid: others }]) {
    expect(() => new Trainer({ ...job, ...other }, found)).toThrow(/DATA_INVALID.*preferences/);
  }
  flip(join(path, 'references.f64'), 9);
  await expect(openCheckpoint(path)).rejects.toThrow(/CHECKPOINT_INVALID.*references/);
  rmSync(join(path, 'references.f64'));
  expect(() => new Trainer(job, found)).toThrow('CHECKPOINT_INVALID');
  expect(() => new Trainer(pairJob({ preference: { beta: 0 } }))).toThrow(/dpoBeta is 0/);
});

test('a pair counts the more the worse it is told apart, and beta is its size', () => {
  const at = (better: number, beta: number): ReturnType<typeof pairLoss> =>
    pairLoss({ better, other: 1 }, { beta });
  expect(at(1, 0.1)).toEqual({ loss: Math.LN2, margin: 0, weight: 0.05 });
  expect(at(2, 0.1).weight).toBeLessThan(0.05);
  expect(at(2, 0.5).margin).toBe(0.5);
  expect(at(-1e5, 1)).toEqual({ loss: 100_001, margin: -100_001, weight: 1 });
  expect(at(1e5, 1)).toMatchObject({ loss: 0, weight: 0 });
});

test('the loss falls, on its own rows and on those of the validation', async () => {
  const schedule = { ...TRAIN_DEFAULTS.schedule, kind: 'constant', lr: 0.01, warmup: 0 } as const;
  const trainer = new Trainer(jobOf({ steps: 100, batch: 8, schedule }));
  const before = (await trainer.validate())!;
  const first = await trainer.next();
  await trainTo(trainer, 99);
  const last = await trainer.next();
  expect(last.loss).toBeLessThan(first.loss * 0.9);
  expect((await trainer.validate())!).toBeLessThan(before * 0.9);
});
