import { Command } from 'commander';
import { openModel } from '@wafer/runtime';
import { expect, test } from 'vitest';
import { addWaferOptions, waferSettings } from './wafer-options.ts';
import type { WaferFlags } from './wafer-options.ts';

const model = await openModel('synthetic:tiny');

function settingsOf(...words: string[]): ReturnType<typeof waferSettings>['options'] {
  const command = addWaferOptions(new Command('run'));
  command.option('--link <kind>').option('--chips <list>');
  return waferSettings(model, command.parse(words, { from: 'user' }).opts<WaferFlags>()).options;
}

test.each([
  [['--grid', '2x1'], { grid: '2x1' }],
  [['--grid', '2x1', '--stages', '2'], { stages: 2 }],
  [['--grid', '2x1', '--plan', 'megatron'], { tensorPlan: 'megatron' }],
  [['--threads', '1'], { threads: 1 }],
  [['--grid', '2x1', '--dice', '2x1'], { dice: '2x1' }],
  [['--context', '64'], { contextTokens: 64, kvTokens: undefined }],
  [['--kv-tokens', '128'], { kvTokens: 128, contextTokens: undefined }],
  [['--tokens-per-step', '32'], { tokensPerStep: 32 }],
  [['--no-prefix-reuse'], { reusePrefixes: false }],
  [[], { reusePrefixes: true, revectorize: true, activations: undefined }],
  [['--sram', '48MiB'], { sramBytes: 48 * 2 ** 20 }],
  [['--rounding', 'plain'], { rounding: 'plain' }],
  [['--activations', 'int8'], { activations: 'int8' }],
  [['--kv', 'f16'], { kv: 'f16' }],
  [['--no-revectorize'], { revectorize: false, hugePages: true }],
  [['--no-huge-pages'], { hugePages: false }],
])('%j is what a wafer is started with', (words, options) => {
  expect(settingsOf(...words)).toMatchObject(options);
});

test('what joins chips does nothing where none are cut, and is refused', () => {
  expect(() => settingsOf('--link', 'unix')).toThrow('--link does nothing without --dice');
});
