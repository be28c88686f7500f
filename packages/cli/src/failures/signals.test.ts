import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { installSignals, takeSignals, watchSignals } from './signals.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

function installed(): { ended: string[] } & Disposable {
  const ended: string[] = [];
  const signals = installSignals((kind) => ended.push(kind));
  return { ended, [Symbol.dispose]: () => signals[Symbol.dispose]() };
}

test('a signal that nobody watches ends the process at once', () => {
  using use = installed();
  process.emit('SIGINT');
  expect(use.ended).toEqual(['interrupted']);
});

test('one that is watched aborts, and ends the process if that takes most of a second', () => {
  using use = installed();
  using watch = watchSignals();
  process.emit('SIGTERM');
  expect(watch.signal.reason).toMatchObject({ kind: 'terminated' });
  expect(use.ended).toEqual([]);
  vi.advanceTimersByTime(900);
  expect(use.ended).toEqual(['terminated']);
});

test('the second one ends the process at once', () => {
  using use = installed();
  using _watch = watchSignals();
  process.emit('SIGINT');
  process.emit('SIGINT');
  expect(use.ended).toEqual(['interrupted']);
});

test('who answers a signal without ending the command is asked again', () => {
  using use = installed();
  let asked = 0;
  using _taking = takeSignals(() => ++asked < 0);
  process.emit('SIGINT');
  process.emit('SIGINT');
  vi.advanceTimersByTime(10_000);
  expect({ asked, ended: use.ended }).toEqual({ asked: 2, ended: [] });
});

test('what fails after a signal is told as the signal', () => {
  using signals = installSignals(() => undefined);
  expect(signals.asked).toBe(undefined);
  using _watch = watchSignals();
  process.emit('SIGINT');
  expect(signals.asked).toMatchObject({ kind: 'interrupted' });
});
