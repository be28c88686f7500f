import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ModelSpec } from '@wafer/core';
import { detectRounding } from '@wafer/kernels';
import { openModel, withAdapter, writeModel } from '@wafer/models';
import type { Model } from '@wafer/models';
import { expect, onTestFinished, test } from 'vitest';
import { openCheckpoint } from '../checkpoint/checkpoint.ts';
import { tokensInMemory } from '../data/token-source.ts';
import { fillUniform } from '../generator.ts';
import {
  testModel,
  TINY,
  TINY_ADAPTERS,
  TINY_EXPERT_ADAPTERS,
  TRAINED_SPECS,
  TINY_EXPERTS,
} from '../reference/test-models.ts';
import { TRAIN_DEFAULTS } from '../settings.ts';
import { Trainer } from '../trainer.ts';
import type { TrainJob } from '../trainer.ts';
import { checkAdapters, defaultTargets } from './adapters.ts';
import { readWeights } from './weights.ts';

const NORMS_AFTER = TRAINED_SPECS['glm4: norms after, half rotated']!;
const GLM4: ModelSpec = { ...NORMS_AFTER, rope: { ...NORMS_AFTER.rope, layout: 'pairs' } };

const MODEL = testModel();

function jobOf(adapters: TrainJob['adapters'], spec = TINY): TrainJob {
  const values = new Float32Array(300);
  fillUniform(values, { seed: 9, tensor: 0, a: 1 });
  const ids = Uint32Array.from(values, (value) => Math.floor(((value + 1) / 2) * TINY.vocabCount));
  const settings = { ...TRAIN_DEFAULTS, steps: 4, batch: 2, context: 16 };
  return {
    model: { ...MODEL, spec },
    isNew: true,
    settings: { ...settings, schedule: { ...settings.schedule, lr: 0.05, warmup: 0 } },
    shape: { replicas: 1, stages: 1, tiles: 1, recompute: false },
    rounding: detectRounding(),
    adapters,
    data: tokensInMemory(ids),
    valid: tokensInMemory(ids),
  };
}

function temporary(): string {
  const folder = mkdtempSync(join(tmpdir(), 'wafer-lora-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

test('before its first step an adapted model is its base, to the bit of the loss', async () => {
  const base = await new Trainer(jobOf(undefined)).validate();
  const adapted = new Trainer(jobOf(TINY_ADAPTERS));
  expect(await adapted.validate()).toBe(base);
  await adapted.next();
  expect(await adapted.validate()).not.toBe(base);
});

test('the first values of A follow layer and target as listed', () => {
  const { run } = new Trainer(jobOf({ rank: 2, alpha: 4, targets: ['v', 'q'] }));
  const expected = new Float32Array(2 * TINY.modelWidth);
  fillUniform(expected, { seed: 1, tensor: 3, a: 1 / Math.sqrt(TINY.modelWidth) });
  expect(run.tensor('weights', 'layers.1.q.lora.a')).toEqual(expected);
});

test('merged weights compute what base and adapters do, and PEFT finds its names', async () => {
  const trainer = new Trainer(jobOf(TINY_ADAPTERS));
  while (!trainer.isDone) await trainer.next();
  const loss = (await trainer.validate())!;
  const folder = join(temporary(), 'out');
  trainer.writeModel(folder);
  const merged = new Trainer({ ...jobOf(undefined), model: await openModel(folder), isNew: false });
  expect(Math.abs((await merged.validate())! - loss)).toBeLessThan(1e-5);
  const file = readFileSync(join(folder, 'adapter', 'adapter_model.safetensors'));
  const length = Number(file.readBigUInt64LE(0));
  const header = JSON.parse(file.subarray(8, 8 + length).toString()) as Record<string, unknown>;
  expect(header['base_model.model.model.layers.1.mlp.down_proj.lora_B.weight']).toMatchObject({
    dtype: 'F32',
    shape: [16, 3],
  });
  const config = readFileSync(join(folder, 'adapter', 'adapter_config.json'), 'utf8');
  expect(JSON.parse(config)).toMatchObject({ r: 3, lora_alpha: 5, peft_type: 'LORA' });
});

// Of the second, rows of a folder lie in pairs.
test.each([
  ['llama', TINY, TINY_ADAPTERS],
  ['glm4', GLM4, TINY_ADAPTERS],
  ['mixtral', TINY_EXPERTS, TINY_EXPERT_ADAPTERS],
])('%s: an adapter that is read beside its base is the merged model', async (_, spec, adapters) => {
  const trainer = new Trainer(jobOf(adapters, spec));
  const [folder, none] = [join(temporary(), 'out'), join(temporary(), 'none')];
  const base = await openModel(trainer.checkpoint(temporary(), {}, 1));
  trainer.writeModel(none);
  while (!trainer.isDone) await trainer.next();
  trainer.writeModel(folder);
  const hashOf = (model: Model): string =>
    new Trainer({ ...jobOf(undefined), model, isNew: false }).hashes().weights;
  const adapted = withAdapter(base, join(folder, 'adapter'));
  expect(hashOf(adapted)).toBe(hashOf(await openModel(folder)));
  expect(hashOf(adapted)).not.toBe(hashOf(base));
  // Where B is 0, nothing changes.
  expect(hashOf(withAdapter(base, join(none, 'adapter')))).toBe(hashOf(base));
  // GGUF keeps rotated rows in another order, which those of B follow.
  const gguf = join(temporary(), 'base.gguf');
  writeModel({ model: base, format: 'gguf', path: gguf });
  const loss = async (model: Model): Promise<number> =>
    (await new Trainer({ ...jobOf(undefined), model, isNew: false }).validate())!;
  const other = withAdapter(await openModel(gguf), join(folder, 'adapter'));
  expect(Math.abs((await loss(other)) - (await loss(adapted)))).toBeLessThan(1e-5);
});

test('adapters of other models, and of other kinds, are refused', async () => {
  const trainer = new Trainer(jobOf(TINY_ADAPTERS));
  const folder = temporary();
  const base = await openModel(trainer.checkpoint(temporary(), {}, 1));
  trainer.writeModel(folder);
  const adapter = join(folder, 'adapter');
  expect(() => withAdapter(MODEL, adapter)).toThrow('MODEL_KIND');
  const fewer = { ...base, spec: { ...base.spec, layerCount: 1 } };
  expect(() => withAdapter(fewer, adapter)).toThrow(/MODEL_KIND.*layers\.1.*does not have/);
  const wider = { ...base, spec: { ...base.spec, ffnWidth: 24 } };
  expect(() => withAdapter(wider, adapter)).toThrow('TENSOR_SHAPE');
  const path = join(adapter, 'adapter_config.json');
  const config = JSON.parse(readFileSync(path, 'utf8')) as object;
  const changes = [
    [{ peft_type: 'IA3' }, /peft_type is IA3/],
    [{ use_dora: true }, /use_dora is true/],
    [{ modules_to_save: ['lm_head'] }, /modules_to_save/],
    [{ lora_alpha: 'x' }, /lora_alpha is x/],
  ] as const;
  for (const [change, reason] of changes) {
    writeFileSync(path, JSON.stringify({ ...config, ...change }));
    expect(() => withAdapter(base, adapter)).toThrow(reason);
  }
});

test('a run of adapters goes on from its checkpoint, and the base is kept in it', async () => {
  const adapters = { ...TINY_ADAPTERS, dropout: 0.1 };
  const straight = new Trainer(jobOf(adapters));
  while (!straight.isDone) await straight.next();
  const first = new Trainer(jobOf(adapters));
  await first.next();
  const found = await openCheckpoint(first.checkpoint(temporary(), {}, 1));
  const second = new Trainer({ ...jobOf(adapters), model: found.model, isNew: false }, found);
  readWeights(found.model, second.run);
  while (!second.isDone) await second.next();
  expect(second.hashes()).toEqual(straight.hashes());
  const whole = new Trainer(jobOf(TINY_ADAPTERS));
  while (!whole.isDone) await whole.next();
  expect(whole.hashes()).not.toEqual(straight.hashes());
});

test('ranks, targets and layouts that make no sense are refused', () => {
  const check = (change: object): unknown => checkAdapters({ ...TINY_ADAPTERS, ...change }, TINY);
  expect(() => check({ rank: 0 })).toThrow(/loraRank is 0/);
  expect(() => check({ alpha: 0 })).toThrow(/loraAlpha/);
  expect(() => check({ dropout: 1 })).toThrow(/loraDropout is 1/);
  expect(() => check({ targets: ['q', 'x'] })).toThrow(/loraTargets is q,x/);
  expect(() => check({ targets: ['q', 'q'] })).toThrow(/loraTargets/);
  const rope = { ...TINY.rope, layout: 'pairs' } as const;
  expect(() => checkAdapters(TINY_ADAPTERS, { ...TINY, rope })).toThrow('TRAIN_UNSUPPORTED');
  expect(checkAdapters(TINY_ADAPTERS, GLM4)).toBe(TINY_ADAPTERS);
  expect(() => checkAdapters(TINY_ADAPTERS, TINY_EXPERTS)).toThrow(
    /q,v,o,down; expected some of q,k,v,o,experts.gate,experts.up,experts.down/,
  );
  expect(checkAdapters(TINY_EXPERT_ADAPTERS, TINY_EXPERTS)).toBe(TINY_EXPERT_ADAPTERS);
  const packed = TRAINED_SPECS['gpt-oss: sinks and a clamped activation']!;
  expect(() => checkAdapters(TINY_EXPERT_ADAPTERS, packed)).toThrow(
    /TRAIN_UNSUPPORTED.*experts.gate, which folders keep in one tensor.*targets q,k,v,o/,
  );
  const ofAttention = { ...TINY_ADAPTERS, targets: defaultTargets(TINY_EXPERTS) };
  expect(ofAttention.targets).toEqual(['q', 'k', 'v', 'o']);
  expect(defaultTargets(TINY)).toHaveLength(7);
  expect(checkAdapters(ofAttention, TINY_EXPERTS)).toBe(ofAttention);
});
