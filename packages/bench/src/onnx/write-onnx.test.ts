import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ropeTable } from '@wafer/core';
import type { ModelSpec } from '@wafer/core';
import { openReader } from '@wafer/models';
import { openModel } from '@wafer/runtime';
import type { Model } from '@wafer/runtime';
import { hashBytes } from '../hash.ts';
import { graphOf } from './graph.ts';
import type { Graph } from './graph.ts';
import { writeOnnx } from './write-onnx.ts';

let folder: string;
let model: Model;
let path: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'wafer-onnx-'));
  path = join(folder, 'model.onnx');
  model = await openModel('synthetic:tiny');
  writeOnnx(model, path);
});
afterAll(() => rmSync(folder, { recursive: true }));

test('every name that a node reads was made before, and only once', () => {
  const { nodes, inputs, outputs, weights } = graphOf(model.spec);
  const made = new Set([...inputs, ...weights].map(({ name }) => name));
  for (const name of ['newest', 'cos', 'sin', '']) made.add(name);
  for (const node of nodes) {
    expect(node.inputs.filter((name) => !made.has(name))).toEqual([]);
    for (const name of node.outputs.filter((output) => output !== '')) {
      expect(made).not.toContain(name);
      made.add(name);
    }
  }
  expect(outputs.filter(({ name }) => !made.has(name))).toEqual([]);
});

/** The graph with what is written in between named by its order, weights by their tensors. */
function withoutNames({ nodes, inputs, outputs, weights }: Graph): unknown {
  const outer = [...inputs, ...outputs].map(({ name }) => name);
  const names = new Map(['', 'newest', 'cos', 'sin', ...outer].map((name) => [name, name]));
  const weightNames = weights.map((one) => [one.name, `${one.kind} ${one.tensors.join(' ')}`]);
  const nameOf = (name: string): string => {
    const known = names.get(name) ?? Object.fromEntries(weightNames)[name] ?? `v${names.size}`;
    names.set(name, known);
    return known;
  };
  const plain = nodes.map(({ type, domain, inputs: ins, outputs: outs, ...rest }) => {
    const { integers = {}, floats = {} } = rest;
    return { type, domain, inputs: ins.map(nameOf), outputs: outs.map(nameOf), integers, floats };
  });
  return { nodes: plain, inputs, outputs, weights: weights.map((one) => [one.kind, one.tensors]) };
}

test('the graph is the one that was written by hand before networks were data', () => {
  const hashOf = (spec: ModelSpec): string =>
    hashBytes(new TextEncoder().encode(JSON.stringify(withoutNames(graphOf(spec)))));
  expect(hashOf(model.spec)).toBe('e14c4525aee85d9f');
  const rope = { ...model.spec.rope, layout: 'pairs' as const };
  const untied = { ...model.spec, rope, hasTiedEmbeddings: false };
  expect(hashOf(untied)).toBe('a473f7cb43f520c2');
});

test('rows of a matrix become columns, q, k and v side by side', () => {
  const { modelWidth, headCount, kvHeadCount, headWidth } = model.spec;
  const columns = (headCount + 2 * kvHeadCount) * headWidth;
  const { values } = findWeight('matrix layers.1.q layers.1.k layers.1.v', modelWidth * columns);
  const reader = openReader(model.source);
  let column = 0;
  for (const name of ['q', 'k', 'v']) {
    const { rows } = model.source.tensors[`layers.1.${name}`]!;
    const stored = new Float32Array(rows * modelWidth);
    const range = { row: 0, rowCount: rows, column: 0, columnCount: modelWidth };
    reader.readRows(`layers.1.${name}`, range, new Uint8Array(stored.buffer));
    for (let row = 0; row < rows; row++, column++) {
      for (let k = 0; k < modelWidth; k++) {
        expect(values[k * columns + column]).toBe(stored[row * modelWidth + k]);
      }
    }
  }
  reader.close();
  expect(column).toBe(columns);
});

test('cosines and sines are those of the rotary table', () => {
  const { contextMax, rope } = model.spec;
  const half = rope.rotaryWidth / 2;
  const row = ropeTable(rope)(5);
  const [cos, sin] = ['cos', 'sin'].map((name) => findWeight(name, contextMax * half).values);
  const at = (values: Float32Array): number[] => [...values.slice(5 * half, 6 * half)];
  expect(at(cos!)).toEqual([...row].filter((_, i) => i % 2 === 0));
  expect(at(sin!)).toEqual([...row].filter((_, i) => i % 2 === 1));
});

test('a model that the graph does not describe is refused', () => {
  const biased = { ...model.spec, biases: { ...model.spec.biases, qkv: true } };
  expect(() => graphOf(biased)).toThrow(/MODEL_UNSUPPORTED/);
  expect(() => graphOf({ ...model.spec, headWidth: 8 })).toThrow(/MODEL_UNSUPPORTED/);
  const { attention } = model.spec;
  const [first] = model.spec.layers.repeating;
  const unrotated = { leading: [], repeating: [{ ...first!, isRotated: false }] };
  for (const other of [
    { ...model.spec, hasPostNorms: true },
    { ...model.spec, layers: unrotated },
    { ...model.spec, attention: { ...attention, queryKeyNorm: 'learned' as const } },
    { ...model.spec, attention: { ...attention, hasSinks: true } },
  ]) {
    expect(() => graphOf(other)).toThrow(/MODEL_UNSUPPORTED/);
  }
});

/** A weight of the data file, where the model file says it is. */
function findWeight(name: string, count: number): { values: Float32Array } {
  const text = readFileSync(path).toString('latin1');
  // name, then location, offset and length as text
  const start = text.indexOf(`B${String.fromCharCode(name.length)}${name}j`);
  expect(start).toBeGreaterThan(0);
  const entry = /offset..(\d+)[^]*?length..(\d+)/s.exec(text.slice(start));
  const [offset, bytes] = [Number(entry?.[1]), Number(entry?.[2])];
  expect(bytes).toBe(count * 4);
  const data = readFileSync(`${path}.data`).subarray(offset, offset + bytes);
  return { values: new Float32Array(Uint8Array.from(data).buffer) };
}
