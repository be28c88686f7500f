/**
 * One thread of a stress run of the fabric: sends, checks what it receives, stalls at random, and
 * sleeps on its doorbell whenever it has nothing to do.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { assert, CHANNEL_LINE } from '@wafer/core';
import type { ChannelPlan } from '@wafer/core';
import {
  ControlLine,
  createDoorbells,
  Doorbell,
  WindowReceiver,
  WindowSender,
} from '@wafer/fabric';
import type { Copier, Receiver, Sender } from '@wafer/fabric';
import { mix, Random } from '@wafer/fabric/links';
import { COLUMNS, rowCountOf, stateNumber, wordOf } from './fabric-layout.ts';
import type { FabricStress, THREAD_STATES } from './fabric-layout.ts';

export interface StressThreadResult {
  received: number;
  sleeps: number;
}

interface SendingEnd {
  plan: ChannelPlan;
  sender: Sender;
  next: number;
  left: number;
}

interface ReceivingEnd {
  plan: ChannelPlan;
  receiver: Receiver;
  words: Int32Array;
  next: number;
  left: number;
}

/** Copies rows between two memories. */
function copierOf(source: SharedArrayBuffer, target: SharedArrayBuffer): Copier {
  const from = new Uint8Array(source);
  const to = new Uint8Array(target);
  return {
    copyRows(targetAt, targetStride, sourceAt, sourceStride, rowBytes, rowCount) {
      for (let row = 0; row < rowCount; row++) {
        const start = sourceAt + row * sourceStride;
        to.set(from.subarray(start, start + rowBytes), targetAt + row * targetStride);
      }
    },
  };
}

class StressThread {
  readonly #stress: FabricStress;
  readonly #thread: number;
  readonly #random: Random;
  readonly #doorbell: Doorbell;
  readonly #rows: Int32Array;
  readonly #nap = new Int32Array(new SharedArrayBuffer(4));
  readonly #sends: SendingEnd[];
  readonly #receives: ReceivingEnd[];
  readonly #result: StressThreadResult = { received: 0, sleeps: 0 };

  constructor(stress: FabricStress, thread: number) {
    this.#stress = stress;
    this.#thread = thread;
    this.#random = new Random(mix(stress.seed) ^ thread);
    this.#doorbell = new Doorbell(stress.doorbells, thread);
    this.#rows = new Int32Array(stress.memories[thread]!, 0, COLUMNS * 4);
    const { channels } = stress;
    this.#sends = channels
      .filter(({ source }) => source === thread)
      .map((plan) => this.#sending(plan));
    this.#receives = channels
      .filter(({ target }) => target === thread)
      .map((plan) => this.#receiving(plan));
  }

  #bellOf(thread: number): Doorbell {
    const { doorbells, deafThread, memories } = this.#stress;
    // Whoever rings for a deaf thread rings somewhere else.
    const words = thread === deafThread ? createDoorbells(memories.length) : doorbells;
    return new Doorbell(words, thread);
  }

  #sending(plan: ChannelPlan): SendingEnd {
    const target = this.#stress.memories[plan.target]!;
    const line = new ControlLine(target, plan.control);
    const copier = copierOf(this.#stress.memories[plan.source]!, target);
    const sender = new WindowSender(plan, { line, copier, doorbell: this.#bellOf(plan.target) });
    return { plan, sender, next: (line.pushed + 1) | 0, left: this.#stress.messagesPerChannel };
  }

  #receiving(plan: ChannelPlan): ReceivingEnd {
    const memory = this.#stress.memories[plan.target]!;
    const line = new ControlLine(memory, plan.control);
    const receiver = new WindowReceiver(plan, { line, doorbell: this.#bellOf(plan.source) });
    const words = new Int32Array(memory);
    return {
      plan,
      receiver,
      words,
      next: (line.popped + 1) | 0,
      left: this.#stress.messagesPerChannel,
    };
  }

  /** Works until everything is sent and received, or the run is stopped. */
  run(): StressThreadResult {
    const hasWork = (): boolean => this.#hasWork();
    this.#say('running');
    while (!this.#isDone && !this.#doorbell.isStopped) {
      if (this.#work()) continue;
      this.#result.sleeps++;
      this.#say('asleep');
      this.#doorbell.sleepUnless(hasWork);
      this.#say('running');
    }
    this.#say('done');
    return this.#result;
  }

  #say(state: (typeof THREAD_STATES)[number]): void {
    Atomics.store(this.#stress.states, this.#thread, stateNumber(state));
  }

  get #isDone(): boolean {
    return (
      this.#sends.every(({ left }) => left === 0) && this.#receives.every(({ left }) => left === 0)
    );
  }

  #hasWork(): boolean {
    return (
      this.#sends.some(({ left, sender }) => left > 0 && sender.hasCredit()) ||
      this.#receives.some(({ receiver }) => receiver.isReady())
    );
  }

  #work(): boolean {
    let didWork = false;
    for (const end of this.#sends) {
      if (end.left === 0 || !end.sender.hasCredit() || this.#random.chance(0.2)) continue;
      this.#send(end);
      didWork = true;
    }
    for (const end of this.#receives) {
      if (!end.receiver.isReady() || this.#random.chance(0.2)) continue;
      this.#receive(end);
      didWork = true;
    }
    return didWork;
  }

  #send(end: SendingEnd): void {
    const { seed } = this.#stress;
    const message = { seed, channel: end.plan.index, number: end.next };
    const count = rowCountOf(seed, message.channel, message.number);
    for (let at = 0; at < count * COLUMNS; at++) this.#rows[at] = wordOf(message, at);
    end.sender.send({ count, indices: undefined });
    end.next = (end.next + 1) | 0;
    end.left--;
    this.#stall();
  }

  #receive(end: ReceivingEnd): void {
    const { plan, words, next } = end;
    end.receiver.take();
    this.#stall();
    const message = { seed: this.#stress.seed, channel: plan.index, number: next };
    const count = rowCountOf(message.seed, message.channel, next);
    const actual = words[(plan.control + CHANNEL_LINE.rows) / 4];
    assert(actual === count, 'a message has the rows it was sent with', {
      ...message,
      actual,
      count,
    });
    const start = plan.targetRows.address / 4;
    for (let at = 0; at < count * COLUMNS; at++) {
      const isSame = words[start + at] === wordOf(message, at);
      assert(isSame, 'a message holds what it was sent with', { ...message, at });
    }
    end.receiver.release();
    end.next = (next + 1) | 0;
    end.left--;
    this.#result.received++;
  }

  /** Now and then, is busy for a moment or gone for a while. */
  #stall(): void {
    if (this.#random.chance(0.02)) {
      let x = 1;
      for (let i = this.#random.below(20_000); i > 0; i--) x = mix(x);
      this.#nap[0] = x;
    }
    if (this.#random.chance(0.0005)) Atomics.wait(this.#nap, 0, this.#nap[0]!, 1);
  }
}

const { stress, thread } = workerData as { stress: FabricStress; thread: number };
parentPort!.postMessage(new StressThread(stress, thread).run());
