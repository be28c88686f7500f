/**
 * Notices what is there but does not move: threads, chips, a step as a whole.
 *
 * Every heartbeat it compares each one's sign of life with the last and asks for another; what is
 * asleep wakes to answer. Silence is counted in heartbeats, not by a clock, so that a process that
 * was stopped itself blames nobody; the limit grows with the longest silence that was broken.
 */
import { WaferError } from '@wafer/core';
import type { WaitLimits } from './wait-limits.ts';

/** Something that shows signs of life. */
export interface Watched {
  /** Changes whenever it has moved; the same for ever means stuck. */
  life(): string | number;
  /** Asks it for a sign of life. */
  ask(): void;
  /** Its path, and what it was at, for the error. */
  describe(): { who: string; what: string };
  /** Milliseconds of silence that are a failure; `stuckMs` unless told. */
  limitMs?: () => number;
}

/** A silence is a failure at so many times the longest one before. */
const PATIENCE = 10;
/** What starts has not moved yet: that takes as long as the system pleases. */
const PATIENCE_AT_START = 4;

interface Pulse {
  watched: Watched;
  life: string | number;
  hasMoved: boolean;
  silentMs: number;
  longestMs: number;
}

export class Watchdog {
  readonly #limits: WaitLimits;
  readonly #onStuck: (error: WaferError) => void;
  readonly #pulses: Pulse[] = [];
  #timer: NodeJS.Timeout | undefined;

  /** `onStuck` is called once at most. */
  constructor(limits: WaitLimits, onStuck: (error: WaferError) => void) {
    this.#limits = limits;
    this.#onStuck = onStuck;
  }

  watch(watched: Watched): void {
    const life = watched.life();
    this.#pulses.push({ watched, life, hasMoved: false, silentMs: 0, longestMs: 0 });
  }

  /** Looks once every heartbeat from here on; keeps no process alive. */
  start(): void {
    this.#timer ??= setInterval(() => this.look(), this.#limits.heartbeatMs).unref();
  }

  /** Loading is over: its silences say nothing about those of running. */
  settle(): void {
    for (const pulse of this.#pulses) pulse.longestMs = 0;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** One look, as of a heartbeat later than the last. */
  look(): void {
    for (const pulse of this.#pulses) {
      this.#feel(pulse);
      const { watched, silentMs } = pulse;
      if (silentMs > this.#limitMs(pulse)) {
        this.stop();
        const { who, what } = watched.describe();
        this.#onStuck(new WaferError('TILE_STUCK', { who, silentMs, what }));
        return;
      }
      watched.ask();
    }
  }

  #feel(pulse: Pulse): void {
    const life = pulse.watched.life();
    if (life === pulse.life) {
      pulse.silentMs += this.#limits.heartbeatMs;
      return;
    }
    if (pulse.hasMoved) pulse.longestMs = Math.max(pulse.longestMs, pulse.silentMs);
    pulse.hasMoved = true;
    pulse.silentMs = 0;
    pulse.life = life;
  }

  #limitMs({ watched, hasMoved, longestMs }: Pulse): number {
    const limitMs = watched.limitMs?.() ?? this.#limits.stuckMs;
    return hasMoved ? Math.max(limitMs, PATIENCE * longestMs) : PATIENCE_AT_START * limitMs;
  }
}
