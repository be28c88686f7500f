/**
 * Adapters of experts, per request: what a request computes with one is the base's plain reference
 * with that change, to the bit, whoever holds which expert and whoever is in the same step.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { ADAPTER_TARGETS } from '@wafer/core';
import type { LowRankChange } from '@wafer/core';
import { openAdapter, readChanges, syntheticAdapter, syntheticModel } from '@wafer/models';
import { withAdapter, writeGgufAdapter, writeModel, writePeft } from '@wafer/models';
import { openModel } from '@wafer/runtime';
import type { Model, WaferOptions } from '@wafer/runtime';
import { FAMILY_GOLDEN_SPECS } from '../golden/family-specs.ts';
import { referenceOf } from './reference.ts';
import { logitBits, seededTokens, withWafer } from './wafers.ts';

const folder = mkdtempSync(join(tmpdir(), 'wafer-expert-adapters-'));
afterAll(() => rmSync(folder, { recursive: true }));

const RANK = 12;
const room = { slots: 3, rank: RANK, targets: ADAPTER_TARGETS };
const MIXED = ['q', 'experts.gate', 'experts.down', 'shared.up'] as const;

interface Case {
  model: Model;
  prompt: number[];
  paths: Record<'all' | 'some', string>;
}

/** A model of a family with two adapters: of all that there is, and of some of it. */
function caseOf(
  family: 'qwen3-moe' | 'mixtral' | 'gpt-oss' | 'glm4-moe',
  type: 'f32' | 'q8_0',
): Case {
  const spec = FAMILY_GOLDEN_SPECS[family];
  const model = syntheticModel({ name: family, spec, type, seed: 7 });
  const write = family === 'gpt-oss' ? writeGgufAdapter : writePeft;
  const pathOf = (name: string, of: Parameters<typeof syntheticAdapter>[1]): string => {
    const path = join(folder, `${family}-${type}-${name}${family === 'gpt-oss' ? '.gguf' : ''}`);
    write(path, syntheticAdapter(spec, of));
    return path;
  };
  const all = pathOf('all', { rank: RANK, seed: 1, targets: ADAPTER_TARGETS });
  const some = pathOf('some', { rank: 3, seed: 2, targets: MIXED });
  return { model, prompt: seededTokens(model, 11), paths: { all, some } };
}

/** A folder as PEFT's that changes a matrix in which the first layer has several of all experts. */
function fusedFolder(): string {
  const path = join(folder, 'fused');
  const module = 'base_model.model.model.layers.0.mlp.experts.gate_up_proj';
  const head = ['A', 'B'].map((part, i) => {
    const tensor = { dtype: 'F32', shape: [1, 1], data_offsets: [4 * i, 4 * i + 4] };
    return [`${module}.lora_${part}.weight`, tensor] as const;
  });
  const text = Buffer.from(JSON.stringify(Object.fromEntries(head)));
  const size = Buffer.from(BigUint64Array.of(BigInt(text.length)).buffer);
  mkdirSync(path);
  writeFileSync(
    join(path, 'adapter_model.safetensors'),
    Buffer.concat([size, text, Buffer.alloc(8)]),
  );
  const config = { peft_type: 'LORA', r: 1, lora_alpha: 1 };
  writeFileSync(join(path, 'adapter_config.json'), JSON.stringify(config));
  return path;
}

function referenceBits({ model, prompt }: Case, path: string | undefined): Uint32Array[] {
  const changes = new Map<string, LowRankChange>();
  const read = path === undefined ? [] : readChanges(openAdapter(model.spec, path));
  for (const [name, { a, b, rank, scale }] of read) {
    changes.set(name, { a, b: b.map((value) => value * scale), rank });
  }
  const rows = referenceOf(model, prompt, 'fused', (name) => changes.get(name));
  return rows.map((row) => new Uint32Array(row.buffer));
}

function expectNear(actual: readonly Uint32Array[], expected: readonly Uint32Array[]): void {
  actual.forEach((row, position) => {
    const reference = new Float32Array(expected[position]!.buffer);
    new Float32Array(row.buffer).forEach((value, id) => {
      expect(Math.abs(value - reference[id]!)).toBeLessThan(1e-4);
    });
  });
}

const LAYOUTS = {
  rows: { grid: '3x1', experts: 'rows', prefillChunk: 5 },
  whole: { grid: '2x2', experts: 'whole', stages: 2, dice: '2x1' },
  one: { grid: '1x1' },
} satisfies Record<string, Partial<WaferOptions>>;

test.each([
  ['qwen3-moe', 'f32', LAYOUTS.rows],
  ['mixtral', 'q8_0', LAYOUTS.whole],
  ['gpt-oss', 'f32', LAYOUTS.whole],
  ['glm4-moe', 'f32', LAYOUTS.one],
] as const)(
  '%s in %s through adapters of experts is its reference, on %o',
  async (family, type, layout) => {
    const one = caseOf(family, type);
    const { model, prompt, paths } = one;
    await withWafer({ model, adapters: room, ...layout }, async (wafer) => {
      await wafer.loadAdapter(paths.all, { name: 'all' });
      await wafer.loadAdapter(paths.some, { name: 'some' });
      // In one step: rows of an expert are the base's and those of both adapters.
      const asked = [undefined, 'all', 'some', undefined, 'all'] as const;
      const bits = await Promise.all(
        asked.map((adapter) => logitBits(wafer, prompt, adapter === undefined ? {} : { adapter })),
      );
      const [base, all, some, again, twin] = bits;
      expect(base).toEqual(referenceBits(one, undefined));
      expect(all).toEqual(referenceBits(one, paths.all));
      expect(some).toEqual(referenceBits(one, paths.some));
      expect([again, twin]).toEqual([base, all]);
      expect(all).not.toEqual(base);
      await wafer.unloadAdapter('all');
      await wafer.loadAdapter(paths.some, { name: 'all' });
      expect(await logitBits(wafer, prompt, { adapter: 'all' })).toEqual(some);
    });
  },
);

test('Megatron adds a change part by part, and weights with it merged in are near', async () => {
  const one = caseOf('qwen3-moe', 'f32');
  const { model, prompt, paths } = one;
  const expected = referenceBits(one, paths.all);
  const megatron = { grid: '2x1', tensorPlan: 'megatron' } as const;
  await withWafer({ model, adapters: room, ...megatron }, async (wafer) => {
    await wafer.loadAdapter(paths.all, { name: 'all' });
    expectNear(await logitBits(wafer, prompt, { adapter: 'all' }), expected);
  });
  const [saved, gguf] = [join(folder, 'base'), join(folder, 'base.gguf')];
  writeModel({ model, format: 'safetensors', path: saved });
  writeModel({ model, format: 'gguf', path: gguf });
  // llama.cpp's file has the experts of a layer in one stack; it is the same adapter.
  const other = join(folder, 'all.gguf');
  writeGgufAdapter(
    other,
    syntheticAdapter(model.spec, { rank: RANK, seed: 1, targets: ADAPTER_TARGETS }),
  );
  expect(referenceBits(one, other)).toEqual(expected);
  for (const [base, adapter] of [
    [saved, other],
    [gguf, paths.all],
  ] as const) {
    const merged = withAdapter(await openModel(base), adapter);
    expectNear(
      await withWafer({ model: merged, grid: '1x1' }, (w) => logitBits(w, prompt)),
      expected,
    );
  }
});

test('experts without slots, and experts in one parameter, are refused by name', async () => {
  const { model, paths } = caseOf('mixtral', 'f32');
  await withWafer({ model, adapters: { slots: 1, rank: RANK }, grid: '1x1' }, async (wafer) => {
    const load = (): Promise<unknown> => wafer.loadAdapter(paths.all, { name: 'all' });
    await expect(load()).rejects.toMatchObject({
      code: 'ADAPTER_TARGET',
      details: { tensor: 'layers.0.experts.0.gate' },
    });
    const hint = /slots are for [^;]*down; start with experts.gate among targets/;
    await expect(load()).rejects.toThrow(hint);
    const config = join(paths.all, 'adapter_config.json');
    const said = JSON.parse(readFileSync(config, 'utf8')) as object;
    const whole = { ...said, target_parameters: ['mlp.experts.gate_up_proj'] };
    writeFileSync(config, JSON.stringify(whole));
    const refusal =
      /MODEL_KIND.*target_parameters .*mlp.experts.gate_up_proj.*; save it per expert/;
    await expect(load()).rejects.toThrow(refusal);
  });
  const gptOss = FAMILY_GOLDEN_SPECS['gpt-oss'];
  const made = syntheticAdapter(gptOss, { rank: 2, seed: 1, targets: ['experts.up'] });
  expect(() => writePeft(join(folder, 'refused'), made)).toThrow('several matrices in one');
  // A folder that others wrote is refused with what helps, as its base is the right one.
  expect(() => openAdapter(gptOss, fusedFolder())).toThrow(
    /several matrices in one; take a file that has/,
  );
});
