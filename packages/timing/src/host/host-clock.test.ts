import { rowsOf } from '@wafer/core';
import type { Plan } from '@wafer/core';
import { expect, test } from 'vitest';
import { planShape } from '../shapes.ts';
import { decodeStep, prefillStep } from '../step.ts';
import { LLAMA_3_8B } from '../shapes.ts';
import { hostStepTime } from './host-clock.ts';
import { HostCores } from './host-cores.ts';
import type { HostTime } from './host-clock.ts';
import type { HostFigures, MessageRate } from './host-figures.ts';
import { HostMessages } from './host-messages.ts';
import { HostRelay, SWITCH_NS } from './host-relay.ts';
import type { Interruptible } from './host-relay.ts';
import type { KernelShape } from './kernel-shape.ts';
import type { KernelTime } from './kernel-times.ts';
import { solveFor } from './solve.ts';

const SPEC = { ...LLAMA_3_8B, layerCount: 2, vocabCount: 4096 };
const PROMPT_TOKENS = 256;
/** A row of weights of 1,000 is read in 200 ns, and computed with 256 tokens in 12,800. */
const LINEAR_NS = { one: 200e3, many: 12_800e3 };

function kernelTimes({ togetherShare = 0.5 } = {}): KernelTime[] {
  const matrix = { op: 'linear', type: 'bf16', rows: 1000, columns: 1000 } as const;
  const timed = (shape: KernelShape, aloneNs: number): KernelTime => ({
    ...{ shape, aloneNs, togetherNs: aloneNs / togetherShare },
  });
  const rest = [1, PROMPT_TOKENS].flatMap((tokens) => [
    timed(
      { op: 'attend', heads: 1, kvHeads: 1, headWidth: 128, positions: 64, tokens },
      10 * tokens,
    ),
    timed({ op: 'rope', heads: 1, headWidth: 128, tokens }, 10 * tokens),
    ...(['norm', 'swiglu', 'add'] as const).map((op) =>
      timed({ op, width: 1000, tokens }, 10 * tokens),
    ),
  ]);
  return [
    timed({ ...matrix, tokens: 1 }, LINEAR_NS.one),
    timed({ ...matrix, tokens: PROMPT_TOKENS }, LINEAR_NS.many),
    ...rest,
  ];
}

const WINDOW: MessageRate = { sendNs: 500, takeNs: 100, bytesPerNs: 1, coldNs: 0 };
const FIGURES: HostFigures = {
  ...{ cores: 8, callNs: 100, turnNs: 5000, pieceNs: 50_000, requestNs: 1e6 },
  ...{ rowBytesPerNs: 20, handoverBytesPerNs: 1, wakeNs: 30_000, spinNs: 20_000 },
  kernels: kernelTimes(),
  window: WINDOW,
  link: { sendNs: 5000, takeNs: 5000, bytesPerNs: 0.5, coldNs: 0 },
};
const BETWEEN_PROCESSES: MessageRate = { ...WINDOW, io: { turnNs: 9000, bytesPerNs: 0.5 } };
const DECODE = decodeStep({ batch: 1, contextTokens: 64 });

function planOf(tiles: number): Plan {
  return planShape(SPEC, { grid: { width: tiles, height: 1 }, type: 'bf16', tensor: 'column' });
}

interface Case {
  figures?: Partial<HostFigures>;
  threads?: number;
  chips?: number;
  promptTokens?: number;
}

function timeOf(tiles: number, more: Case = {}): HostTime {
  const { figures, threads = tiles, chips = 1, promptTokens } = more;
  return hostStepTime({
    plan: planOf(tiles),
    step: promptTokens === undefined ? DECODE : prefillStep({ promptTokens }),
    figures: { ...FIGURES, ...figures },
    threadOf: Array.from({ length: tiles }, (_, tile) => tile % threads),
    chipOf: Array.from({ length: tiles }, (_, tile) => Math.floor((tile * chips) / tiles)),
  });
}

function stepNs(tiles: number, more: Case = {}): number {
  return timeOf(tiles, more).stepNs;
}

test('the parts of a step add up, and weights of one tile take what was measured alone', () => {
  const { opsNs, callsNs, messagesNs, turnNs, ...time } = timeOf(1);
  expect(opsNs + callsNs + messagesNs + turnNs).toBeCloseTo(time.stepNs, 3);
  // The tile slept since the step before.
  expect(messagesNs).toBeCloseTo(FIGURES.wakeNs, 3);
  const { embed: _, ...weights } = weightsOf(planOf(1));
  const read = Object.values(weights).reduce((sum, count) => sum + count, 0);
  expect(opsNs / ((LINEAR_NS.one * read) / 1e6)).toBeGreaterThan(1);
  expect(opsNs / ((LINEAR_NS.one * read) / 1e6)).toBeLessThan(1.03);
  // The engine reads each logit from the core that wrote it.
  expect(turnNs).toBe(5000 + SPEC.vocabCount * 4);
});

/** Weights of a tile's matrices, by what reads them. */
function weightsOf(plan: Plan): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const instruction of plan.tiles[0]!.programs.infer) {
    if (!('weights' in instruction) || typeof instruction.weights !== 'object') continue;
    const { rows, columns } = instruction.weights as { rows: number; columns: number };
    sums[instruction.op] = (sums[instruction.op] ?? 0) + rows * columns;
  }
  return sums;
}

test('tiles that outnumber threads pay one after the other; more threads are never slower', () => {
  const whole = { kernels: kernelTimes({ togetherShare: 1 }) };
  const [one, two] = [1, 2].map((threads) => stepNs(4, { threads, figures: whole }));
  expect(one! / two!).toBeGreaterThan(1.7);
  expect(stepNs(4, { threads: 4, figures: whole })).toBeLessThan(two!);
});

test('threads that outnumber cores wait for one: no number of them beats the cores', () => {
  const onCores = (cores: number): number =>
    stepNs(4, { figures: { cores, pieceNs: 0, kernels: kernelTimes({ togetherShare: 1 }) } });
  expect(onCores(1) / onCores(2)).toBeGreaterThan(1.7);
  expect(onCores(2) / onCores(4)).toBeGreaterThan(1.5);
  expect(onCores(4)).toBe(onCores(8));
  // Three threads on two cores: the third begins when the first waits.
  const three = stepNs(3, { figures: { cores: 2 } });
  expect(three / stepNs(3, { figures: { cores: 3 } })).toBeGreaterThan(1.5);
});

const WORSE: [string, Partial<HostFigures>][] = [
  ['callNs', { callNs: 200 }],
  ['turnNs', { turnNs: 9000 }],
  ['kernels', { kernels: kernelTimes({ togetherShare: 0.4 }) }],
  ['rowBytesPerNs', { rowBytesPerNs: 1 }],
  ['handoverBytesPerNs', { handoverBytesPerNs: 0.5 }],
  ['window', { window: { ...WINDOW, sendNs: 1500 } }],
  ['takes from a window', { window: { ...WINDOW, takeNs: 1500 } }],
  ['link', { link: { ...FIGURES.link, sendNs: 9000 } }],
  ['takes from a link', { link: { ...FIGURES.link, takeNs: 9000 } }],
  ['code of a link out of caches', { link: { ...FIGURES.link, coldNs: 9000 } }],
];

test.each(WORSE)('worse %s is slower', (_, figures) => {
  expect(stepNs(4, { chips: 2, figures })).toBeGreaterThan(stepNs(4, { chips: 2 }));
});

test('what the caller does with a token costs only where no core is idle', () => {
  const busy = { cores: 2 };
  const free = { ...busy, pieceNs: 0 };
  const moreNs = stepNs(2, { figures: busy }) - stepNs(2, { figures: free });
  expect(moreNs).toBeGreaterThan(0.9 * FIGURES.pieceNs);
  expect(stepNs(2)).toBe(stepNs(2, { figures: { pieceNs: 0 } }));
});

test('what comes at once holds a core that is idle, and stops who runs where none is', () => {
  const cores = new HostCores(2);
  const user = { nowNs: 0, hasCore: false };
  cores.take(user, 0);
  cores.interrupt(10, 100);
  expect(cores.startNs(20)).toBe(110);
  cores.interrupt(20, 7);
  expect(user.nowNs).toBe(7);
});

test('a thread that waits longer than it looks for work is woken, but by its I/O thread', () => {
  const times = (link: MessageRate): number[] =>
    [{ spinNs: 1e9 }, {}, { wakeNs: 60_000 }].map((figures) =>
      stepNs(2, { chips: 2, figures: { link, ...figures } }),
    );
  const [spins, sleeps, wakes] = times({ ...FIGURES.link, sendNs: 40_000 });
  expect(sleeps).toBeGreaterThan(spins! + FIGURES.wakeNs);
  expect(wakes).toBeGreaterThan(sleeps! + FIGURES.wakeNs);
  const [spinsThere, sleepsThere] = times(BETWEEN_PROCESSES);
  expect(sleepsThere).toBe(spinsThere);
});

test('between processes I/O threads carry messages, records and logits', () => {
  const link = BETWEEN_PROCESSES;
  const cut = (figures: Partial<HostFigures> = {}): number =>
    stepNs(2, { chips: 2, figures: { link, ...figures } });
  expect(cut()).toBeGreaterThan(stepNs(2));
  const slow = { ...link, io: { turnNs: 18_000, bytesPerNs: 0.5 } };
  const narrow = { ...link, io: { turnNs: 9000, bytesPerNs: 0.1 } };
  // The record out and the logits back: four turns of I/O threads at least.
  expect(cut({ link: slow }) - cut()).toBeGreaterThan(4 * 9000);
  // Of the logits each chip sends half, and the parent takes all.
  const logitsBytes = SPEC.vocabCount * 4;
  expect(cut({ link: narrow }) - cut()).toBeGreaterThan(logitsBytes * (1 / 0.1 - 1 / 0.5));
  // On cores that compute, what I/O threads do comes on top.
  const few = { cores: 2, pieceNs: 0 };
  const four = (link: MessageRate): number => stepNs(4, { chips: 2, figures: { ...few, link } });
  expect(four(slow)).toBeGreaterThan(four(link) + 4 * 9000);
});

const SOCKETS: HostFigures = { ...FIGURES, link: BETWEEN_PROCESSES };
/** A turn, with a message of 500 bytes. */
const TURN_NS = BETWEEN_PROCESSES.io!.turnNs + 1000;

/** When messages that are sent at these times are there. */
function arrivalsOf(times: readonly number[], interrupt: Interruptible): number[] {
  const relay = new HostRelay({ chipOf: [0, 1], figures: SOCKETS, interrupt });
  const found: number[] = [];
  const arrive = (ns: number): unknown => found.push(ns);
  for (const ns of times) relay.carry(ns, { source: 0, target: 1, bytes: 500, arrive });
  while (relay.nextNs < Infinity) relay.runNext();
  return found;
}

test('a turn of an I/O thread carries all that is there when it begins', () => {
  const interrupts: [number, number][] = [];
  const interrupt = (at: number, ns: number): unknown => interrupts.push([at, ns]);
  const arrivals = (times: readonly number[]): number[] =>
    arrivalsOf(times, { interrupt, hasIdle: () => true });
  const alone = SWITCH_NS + TURN_NS + FIGURES.wakeNs + TURN_NS;
  expect(arrivals([0])).toEqual([alone]);
  // Both are there before the sender's thread has its core: one turn of it, then one of the other.
  expect(arrivals([0, 10])).toEqual([alone, alone + 1000]);
  // The sender's second turn follows at once; the receiver wakes for both. Then each is alone.
  expect(arrivals([0, SWITCH_NS + 1])[1]).toBe(alone + 1000);
  expect(arrivals([0, alone])[1]).toBe(alone + alone);
  expect(interrupts.length).toBeGreaterThan(0);
});

test('what a socket brings wakes a core that is idle; who has one is interrupted at once', () => {
  const arrivalAt = (isIdle: boolean): number =>
    arrivalsOf([0], { interrupt: () => undefined, hasIdle: () => isIdle })[0]!;
  expect(arrivalAt(false)).toBe(SWITCH_NS + 2 * TURN_NS);
  expect(arrivalAt(true) - arrivalAt(false)).toBe(FIGURES.wakeNs);
  const cores = new HostCores(1);
  const user = { nowNs: 0, hasCore: false };
  expect(cores.hasIdle(0)).toBe(true);
  cores.take(user, 0);
  expect(cores.hasIdle(1e9)).toBe(false);
});

test('a turn takes more by the weights that were read since the last one of its thread', () => {
  const link = { ...BETWEEN_PROCESSES, coldNs: 8000 };
  const interrupt = { interrupt: () => undefined, hasIdle: () => false };
  const relay = new HostRelay({ chipOf: [0, 1], figures: { ...FIGURES, link }, interrupt });
  const turnNsAt = (ns: number): number => {
    let arrivalNs = 0;
    const arrive = (atNs: number): unknown => (arrivalNs = atNs);
    relay.carry(ns, { source: 0, target: 1, bytes: 0, arrive });
    while (relay.nextNs < Infinity) relay.runNext();
    return arrivalNs - ns - SWITCH_NS - 2 * link.io!.turnNs;
  };
  expect(turnNsAt(0)).toBe(0);
  relay.sweep(0, 2 ** 17);
  expect(turnNsAt(1e6)).toBe(4000);
  relay.sweep(0, 2 ** 30);
  relay.sweep(1, 2 ** 30);
  expect(turnNsAt(2e6)).toBe(16_000);
  expect(turnNsAt(3e6)).toBe(0);
});

test('a channel between processes is free again once its credit has come the way back', () => {
  const parts = { plan: planOf(2), step: DECODE, figures: SOCKETS, chipOf: [0, 1] };
  const interrupt = { interrupt: () => undefined, hasIdle: () => true };
  const relay = new HostRelay({ ...parts, interrupt });
  const messages = new HostMessages(parts, relay);
  const [send] = parts.plan.tiles[0]!.programs.infer.filter(({ op }) => op === 'send');
  const { channels } = send as Extract<typeof send, { op: 'send' }>;
  const settle = (): void => {
    while (relay.nextNs < Infinity) relay.runNext();
  };
  expect(messages.readyNs(send!)).toBe(0);
  messages.send(channels[0]!, 0);
  settle();
  expect(messages.readyNs(send!)).toBe(Infinity);
  const backNs = 1e6;
  messages.giveBack(channels[0]!, backNs);
  settle();
  const { turnNs } = BETWEEN_PROCESSES.io!;
  expect(messages.readyNs(send!)).toBe(backNs + SWITCH_NS + turnNs + FIGURES.wakeNs + turnNs);
});

test('a turn of an I/O thread takes a core when it begins, not when it is planned', () => {
  const cores = new HostCores(1);
  const relay = new HostRelay({ chipOf: [0, 1], figures: SOCKETS, interrupt: cores });
  relay.carry(0, { source: 0, target: 1, bytes: 500, arrive: () => undefined });
  relay.runNext();
  expect(cores.startNs(1)).toBe(1);
  expect(relay.nextNs).toBe(SWITCH_NS);
  relay.runNext();
  expect(cores.startNs(SWITCH_NS)).toBe(SWITCH_NS + TURN_NS);
});

test('kernels of many tokens bind where many rows meet the weights', () => {
  const prompt = { promptTokens: PROMPT_TOKENS };
  const ratio = stepNs(1, prompt) / stepNs(1);
  expect(ratio / (LINEAR_NS.many / LINEAR_NS.one)).toBeGreaterThan(0.5);
  expect(rowsOf(prefillStep(prompt))).toBe(PROMPT_TOKENS);
});

test('a cut costs what its link takes over a window', () => {
  expect(stepNs(2, { chips: 2 })).toBeGreaterThan(stepNs(2));
});

test('a kernel that was not measured is named', () => {
  expect(() => stepNs(1, { figures: { kernels: [] } })).toThrow(/machine host lacks norm/);
});

test('a figure is found at which a clock tells a time; ends stay ends', () => {
  expect(solveFor(700, (ns) => 2 * ns + 100, { low: 1, high: 1e6 })).toBeCloseTo(300, 3);
  expect(solveFor(50, (ns) => 2 * ns + 100, { low: 1, high: 1e6 })).toBe(1);
  expect(solveFor(1e9, (ns) => 2 * ns + 100, { low: 1, high: 1e6 })).toBe(1e6);
});
