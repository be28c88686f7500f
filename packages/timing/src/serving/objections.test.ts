/** What two outside readers, of GPUs and of wafers, found wrong: each fails on the model before. */
import { expect, test } from 'vitest';
import { project } from '../references/error-bars.ts';
import { kvBytes } from './model-shape.ts';
import { findModel } from './models.ts';
import { prefillFlops } from './prefill-flops.ts';
import { projectBare } from './project-bare.ts';
import type { ProjectedTime, ProjectedWork } from './projection.ts';

function workOf(name: string, more: Partial<ProjectedWork> = {}): ProjectedWork {
  const shape = findModel(name);
  return { shape, type: 'bf16', contextTokens: 1024, promptTokens: 1024, batch: 1, ...more };
}

function timeOn(machine: string, name: string, more: Partial<ProjectedWork> = {}): ProjectedTime {
  const { time, residency } = project(workOf(name, more), machine);
  expect(time, residency.reason).toBeDefined();
  return time!;
}

test('users of a batch share what all get, on every machine', () => {
  for (const machine of ['wse2', 'wse3', 'a100x8', 'h100x1', 'h100x8', 'h100x16p2', 'b200x8']) {
    for (const batch of [1, 34, 64, 512]) {
      const { time } = project(workOf('llama-3.1-8b', { batch }), machine);
      if (!time) continue;
      expect((batch * time.tokensPerS) / time.throughputTokensPerS).toBeCloseTo(1, 9);
    }
  }
});

test('a prompt takes a wafer no longer than its tokens in turn; a range holds both ways', () => {
  for (const name of ['llama-3.1-8b', 'llama-3.1-70b', 'llama-4-scout']) {
    for (const promptTokens of [1, 128, 4096]) {
      const time = timeOn('wse3', name, { promptTokens });
      expect(time.ttftMs).toBeLessThanOrEqual((promptTokens * time.tokenUs) / 1e3);
      expect(time.ttftLowMs).toBeLessThan(time.ttftMs);
      expect(time.ttftHighMs).toBeGreaterThanOrEqual(time.prompt!.otherMs);
    }
  }
  const { checked } = timeOn('wse3', 'llama-3.1-8b');
  expect(checked).toContain('prompts of other than 4096 tokens: not checked anywhere');
});

test('weights in fewer bits are never slower on the same machine', () => {
  const machines = ['wse3x8', 'a100x8', 'h100x8', 'h200x8', 'b200x8', 'gb200x4'];
  for (const name of ['llama-3.1-8b', 'llama-3.1-70b', 'gpt-oss-120b', 'llama-4-scout']) {
    for (const machine of machines) {
      const us = (['bf16', 'fp8', 'fp4'] as const).map(
        (type) => projectBare(workOf(name, { type }), machine).time?.tokenUs,
      );
      if (us[0] === undefined) continue;
      expect(us[1]! / us[0], `${name} ${machine}`).toBeLessThanOrEqual(1 + 1e-9);
      expect(us[2]! / us[1]!, `${name} ${machine}`).toBeLessThanOrEqual(1 + 1e-9);
    }
  }
  // As the one published kind of 8-bit kernels has it, small matrices are slower: the other end.
  const { swings, tokenUs } = timeOn('b200x8', 'llama-3.1-8b', { type: 'fp8' });
  const kernels = swings.find(({ figure }) => figure === 'kernels of weights in fewer bits')!;
  expect(kernels.highUs).toBeGreaterThan(1.05 * tokenUs);
});

test('attention without rows is its own memory beyond a launch, its range both ends', () => {
  const at = (machine: string, batch: number): ProjectedTime =>
    timeOn(machine, 'llama-3.1-8b', { batch });
  for (const batch of [1, 256]) {
    const [h100, h200, b200] = ['h100x8', 'h200x8', 'b200x8'].map((name) => at(name, batch));
    expect(h200!.causes.attention).toBeLessThan(h100!.causes.attention);
    expect(b200!.causes.attention).toBeLessThan(h200!.causes.attention);
    const swing = b200!.swings.find(({ figure }) => figure.startsWith('attention'))!;
    expect(swing.lowUs).toBeLessThan(b200!.tokenUs);
    const whole = b200!.tokenUs - b200!.causes.attention + h100!.causes.attention;
    expect(swing.highUs).toBeCloseTo(whole, 6);
  }
  expect(at('b200x8', 256).causes.attention).toBeLessThan(0.6 * at('h100x8', 256).causes.attention);
});

test('a GPU says which stacks its rows are of, and its range holds the nearest of them', () => {
  const { checked, lowUs, highUs } = timeOn('h100x4', 'llama-3-8b');
  expect(checked).toContain('Llama 3 8B on 1, 2, 4 GPUs with TensorRT-LLM, vLLM');
  expect(checked).toContain('took 4.42 ms');
  expect(lowUs).toBeLessThan(4420);
  expect(highUs).toBeGreaterThan(4420);
  expect(timeOn('b200x8', 'llama-3-8b').checked).toContain('measured nowhere');
  const launches = (machine: string): string => timeOn(machine, 'llama-3-8b').swings[0]!.range;
  expect(launches('h100x4')).toMatch(/SGLang on A100, not this GPU$/);
  expect(launches('a100x4')).toMatch(/SGLang on A100$/);
});

test('power is that of systems, chips beside it; memory counts each sequence that reads', () => {
  for (const machine of ['h100x8', 'b200x8']) {
    const { joulesPerToken, chipJoulesPerToken } = timeOn(machine, 'llama-3.1-8b');
    expect(joulesPerToken / chipJoulesPerToken!).toBeGreaterThan(1.3);
    const [one, many] = [1, 64].map((batch) => timeOn(machine, 'llama-3.1-8b', { batch }));
    const step = (time: ProjectedTime): number => time.memoryShare! * time.tokenUs;
    expect(step(many!)).toBeGreaterThan(step(one!));
  }
  const [one, many] = [1, 33].map((batch) => timeOn('wse3', 'llama-3.1-8b', { batch }));
  expect(many!.memoryShare! / one!.memoryShare!).toBeCloseTo(33, 3);
});

test('Groq holds what it is given, is one constant, and no batch is told of it', () => {
  const long = project(workOf('llama-3.1-8b', { contextTokens: 131_000 }), 'groq');
  expect(long.residency.fullestBytes).toBeLessThanOrEqual(long.residency.chipBytes);
  expect(long.residency.chips).toBeGreaterThan(100);
  expect(long.time!.causes['not taken apart']).toBe(long.time!.tokenUs);
  const many = project(workOf('llama-3.1-8b', { batch: 2 }), 'groq');
  expect(many.time).toBeUndefined();
  expect(many.residency.reason).toContain('not modeled');
});

test('a range has all assumed figures at their ends together, not one at a time', () => {
  for (const machine of ['wse2', 'wse3', 'h100x8', 'b200x8']) {
    for (const name of ['llama-3.1-8b', 'llama-4-scout', 'gpt-oss-120b']) {
      const { time } = projectBare(workOf(name), machine);
      if (!time) continue;
      const { swings, tokenUs, lowUs, highUs } = time;
      const falls = swings.filter((swing) => swing.lowUs < tokenUs);
      const rises = swings.filter((swing) => swing.highUs > tokenUs);
      for (const swing of swings) {
        expect(lowUs).toBeLessThanOrEqual(swing.lowUs + 1e-6);
        expect(highUs).toBeGreaterThanOrEqual(swing.highUs - 1e-6);
      }
      // More than one that moves it: further than each alone.
      if (falls.length > 1) expect(lowUs).toBeLessThan(Math.min(...falls.map((s) => s.lowUs)));
      if (rises.length > 1) expect(highUs).toBeGreaterThan(Math.max(...rises.map((s) => s.highUs)));
    }
  }
});

test('wafers that hold nothing lie beside the way of a token', () => {
  const [four, eight] = ['wse3x4', 'wse3x8'].map((name) => project(workOf('llama-3.1-70b'), name));
  expect(eight!.time!.tokenUs).toBe(four!.time!.tokenUs);
  expect(eight!.time!.region!.wafers).toBe(4);
  expect(eight!.residency.fullestBytes).toBe(four!.residency.fullestBytes);
  // They are bought all the same.
  expect(eight!.time!.joulesPerToken).toBe(2 * four!.time!.joulesPerToken);
  expect(project(workOf('llama-3.1-70b'), 'wse3x3')).toMatchObject({ machine: 'wse3x3' });
});

test('heads lie whole on GPUs: other numbers are refused, fewer key heads are copied', () => {
  for (const machine of ['h100x3', 'h100x5', 'h100x64', 'b200x6']) {
    const { residency, time } = project(workOf('llama-3.1-8b'), machine);
    expect(time, machine).toBeUndefined();
    expect(residency.reason).toMatch(/32 query and 8 key heads do not split over \d+ GPUs/);
  }
  // What is named instead can be asked for.
  const [large, domain] = ['h100x8', 'gb200x72'].map((machine) =>
    project(workOf('llama-3.1-405b'), machine),
  );
  expect(large!.residency.reason).toContain('16 hold it');
  expect(domain!.residency.reason).toContain('over 64 they do');
  expect(timeOn('gb200x64', 'llama-3.1-405b').checked).toContain('told as of 8');
  // Beyond one GPU a key head, keys and values are copied: more GPUs may never hold them.
  const long = { contextTokens: 32_768, batch: 256 };
  const never = project(workOf('qwen3-235b-a22b', long), 'h100x8').residency;
  expect(never.reason).toContain('no number of them that heads split over holds it');
  expect(never.chips).toBe(8);
  const staged = project(workOf('llama-3.1-405b'), 'a100x4p2').residency;
  expect(staged.reason).toContain('16 hold it');
  expect(project(workOf('llama-3.1-405b'), 'a100x16p2').time).toBeDefined();
  // Four key heads on eight GPUs.
  const shape = findModel('qwen3-235b-a22b');
  const { residency } = project(workOf(shape.name), 'h100x8');
  expect(residency.kvBytes).toBe(2 * kvBytes(shape, 1024));
  expect(project(workOf(shape.name), 'h200x4').residency.kvBytes).toBe(kvBytes(shape, 1024));
});

test('layers that see a window keep no more than it, and read no more', () => {
  const gpt = findModel('gpt-oss-120b');
  const { window: _window, ...wide } = gpt;
  const at = (shape: typeof wide, machine: string): ProjectedTime =>
    project({ ...workOf(gpt.name, { contextTokens: 131_072 }), shape }, machine).time!;
  expect(kvBytes(gpt, 131_072) / kvBytes(wide, 131_072)).toBeCloseTo(0.5, 2);
  expect(kvBytes(gpt, 64)).toBe(kvBytes(wide, 64));
  for (const machine of ['wse3x3', 'h100x8']) {
    expect(at(gpt, machine).tokenUs, machine).toBeLessThan(0.95 * at(wide, machine).tokenUs);
  }
  // A layer without a window has to fit a wafer by itself.
  const many = project({ ...workOf(gpt.name, { contextTokens: 131_072 }), batch: 256 }, 'wse3');
  expect(many.residency.reason).toContain('no number of them holds it');
  expect(prefillFlops(gpt, 8192)).toBeLessThan(prefillFlops(wide, 8192));
  expect(prefillFlops(gpt, 128)).toBe(prefillFlops(wide, 128));
});

test('a check costs what its rows cost on the machine: operations, experts, regions', () => {
  const checkOf = (machine: string, name: string, more: Partial<ProjectedWork> = {}): number => {
    const { check, tokenUs } = timeOn(machine, name, { draftTokens: 4, ...more });
    return check!.stepUs / tokenUs;
  };
  // One user of a dense model: weights once, so hardly more than a token.
  expect(checkOf('h100x8', 'llama-3.1-70b')).toBeLessThan(1.05);
  // Five rows of many meet operations, and five of one meet more experts.
  expect(checkOf('h100x8', 'llama-3.1-8b', { batch: 512 })).toBeGreaterThan(1.5);
  expect(checkOf('h100x8', 'qwen3-235b-a22b')).toBeGreaterThan(1.3);
  // Rows follow each other: 4 regions more than the 33 of 8B, not 4 times its multiply-adds.
  const wafer = checkOf('wse3', 'llama-3.1-8b');
  expect(wafer).toBeGreaterThan(1.05);
  expect(wafer).toBeLessThan(1.2);
  // Regions that are full have no room for more rows.
  expect(checkOf('wse3x4', 'llama-3.1-8b', { batch: 256 })).toBeGreaterThan(3);
  expect(timeOn('groq', 'llama-3.1-8b', { draftTokens: 4 }).check).toBeUndefined();
  expect(checkOf('h100x8', 'llama-3.1-8b', { draftTokens: 8 })).toBeGreaterThan(
    checkOf('h100x8', 'llama-3.1-8b', { draftTokens: 2 }),
  );
});

test('a prompt on several GPUs ranges to what published ones took over the same formula', () => {
  const at = (machine: string): ProjectedTime =>
    timeOn(machine, 'llama-3-8b', { promptTokens: 4096, contextTokens: 4096 });
  // SGLang on 8 A100: 17,363 tokens/s; on one 13,988.
  for (const [machine, tokensPerS] of [
    ['a100x8', 17_363],
    ['a100x1', 13_988],
  ] as const) {
    const { ttftLowMs, ttftHighMs, checked } = at(machine);
    const published = (4096 / tokensPerS) * 1e3;
    expect(ttftLowMs, machine).toBeLessThan(published);
    expect(ttftHighMs, machine).toBeGreaterThan(published);
    expect(checked).toMatch(/rows of \d A100 with SGLang took \d.\d\d to \d.\d\d times/);
  }
  const h100 = at('h100x8');
  expect(h100.ttftHighMs / h100.ttftMs).toBeGreaterThan(3);
  expect(h100.checked).toContain('none on H100');
});

test('four GPUs of a kind have the all-reduce of the stack that was measured on them', () => {
  for (const machine of ['a100x4', 'h200x4', 'b200x2', 'b200x4', 'gb200x4']) {
    const time = timeOn(machine, 'llama-3.1-8b');
    expect(time.kernel).toMatch(/^TensorRT-LLM 1/);
    expect(time.causes['software of the link']).toBeGreaterThan(0);
  }
  expect(timeOn('h100x8', 'llama-3.1-8b').kernel).toBe('SGLang 0.5.14 in a graph');
  // Between nodes one kernel was measured, so that no other stands beside it.
  const far = timeOn('h100x16', 'llama-3.1-8b');
  expect(far.kernel).toContain('between nodes');
  expect(far.otherReduce).toBeUndefined();
});

test('an all-reduce that was not measured on a GPU ranges to that of one that was', () => {
  const swingOf = (machine: string): { figure: string; range: string; lowUs: number } =>
    timeOn(machine, 'llama-3.1-8b').swings.find(({ figure }) => figure === 'all-reduce')!;
  const b200 = timeOn('b200x8', 'llama-3.1-8b');
  const { range, lowUs } = swingOf('b200x8');
  expect(range).toContain('not published on 8 B200');
  const links = b200.causes.wire + b200.causes['software of the link'];
  const h100 = timeOn('h100x8', 'llama-3.1-8b').causes;
  const least = b200.tokenUs - links + h100.wire + h100['software of the link'];
  expect(lowUs).toBeLessThan(least * 1.01);
  expect(swingOf('h100x8').range).not.toContain('not published');
});

test('a prompt longer than the context has to be held, too', () => {
  const at = (machine: string, promptTokens: number): ReturnType<typeof project>['residency'] =>
    project(workOf('llama-3.1-70b', { promptTokens }), machine).residency;
  for (const machine of ['wse3', 'h100x8', 'groq']) {
    const [short, long] = [at(machine, 1), at(machine, 131_072)];
    expect(long.kvBytes / short.kvBytes, machine).toBe(128);
  }
  expect(at('wse3', 131_072).chips).toBeGreaterThan(at('wse3', 1).chips);
});

test('assumed figures of a wafer move the range of its first token and of a request, too', () => {
  const time = timeOn('wse3', 'llama-3.1-8b');
  const { ttftMs, ttftLowMs, ttftHighMs, prompt, requestMs } = time;
  // All lanes and a short crossing: further below than the 4.7 % of published prefill.
  expect(ttftLowMs).toBeLessThan(0.9 * ttftMs);
  expect(ttftHighMs).toBeGreaterThan(1.2 * prompt!.otherMs);
  for (const machine of ['wse3', 'h100x8']) {
    const told = timeOn(machine, 'llama-3.1-8b');
    const answer = (us: number): number => (1024 * us) / 1e3;
    expect(told.requestLowMs).toBeCloseTo(told.ttftLowMs + answer(told.lowUs), 6);
    expect(told.requestHighMs).toBeCloseTo(told.ttftHighMs + answer(told.highUs), 6);
  }
  expect(time.requestLowMs).toBeLessThan(requestMs);
});

test('a region that no published kernel ran on is said to be checked nowhere', () => {
  const { checked, region } = timeOn('wse3', 'llama-3.1-8b');
  expect(region!.sides[1]).toBeLessThan(420);
  expect(checked).toMatch(/regions of 15\d PEs a side, by kernels of 420 to 660: not checked/);
  const wide = timeOn('wse3', 'qwen3-coder-480b');
  expect(Math.sqrt(wide.region!.sides[0] * wide.region!.sides[1])).toBeGreaterThan(420);
  expect(wide.checked).not.toContain('PEs a side');
});
