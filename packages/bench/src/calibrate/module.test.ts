import { expect, test } from 'vitest';
import {
  bindCeilings,
  ceilingModule,
  FMA_PER_ROUND,
  FMA_START_VECTORS,
  SUM_BYTES,
} from './module.ts';

const DATA = 8192;

function open(): { floats: Float32Array; kernels: ReturnType<typeof bindCeilings> } {
  const memory = new WebAssembly.Memory({ initial: 2, maximum: 65536, shared: true });
  return {
    floats: new Float32Array(memory.buffer),
    kernels: bindCeilings(ceilingModule(), memory),
  };
}

test.each([1, 2, 100])('the sum adds every vector once (%i turns)', (turns) => {
  const { floats, kernels } = open();
  floats.fill(1e9); // what lies outside would show
  const lanes = SUM_BYTES / 4;
  for (let i = 0; i < turns * lanes; i++) floats[DATA / 4 + i] = i % 7;
  kernels.sum(DATA, turns * SUM_BYTES, 0);
  const wanted = Array.from({ length: lanes }, (_, lane) => {
    let sum = 0;
    for (let turn = 0; turn < turns; turn++) sum += (turn * lanes + lane) % 7;
    return sum;
  });
  expect([...floats.slice(0, lanes)]).toEqual(wanted);
});

test.each(['fma10', 'fma20'] as const)('%s runs its chains apart, four steps a round', (name) => {
  const { floats, kernels } = open();
  const chains = Number(name.slice(3));
  for (let i = 0; i < FMA_START_VECTORS * 4; i++) floats[i] = i;
  floats.fill(0.5, FMA_START_VECTORS * 4, FMA_START_VECTORS * 4 + 8);
  floats.fill(3, FMA_START_VECTORS * 4 + 8, FMA_START_VECTORS * 4 + 16);
  const rounds = 2;
  kernels[name](rounds, 0, DATA);
  const wanted = Array.from({ length: chains * 4 }, (_, lane) => {
    let value = lane;
    for (let i = 0; i < rounds * FMA_PER_ROUND; i++) value = value * 0.5 + 3;
    return value; // exact: few bits are in use
  });
  expect([...floats.slice(DATA / 4, DATA / 4 + chains * 4)]).toEqual(wanted);
});
