/** What a wafer whose chips are processes says when the link to one of them breaks. */
import type { ChildProcess } from 'node:child_process';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { renameSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import type { Socket } from 'node:net';
import { openSynthetic } from '@wafer/models';
import { expect, onTestFinished, test, vi } from 'vitest';
import { Wafer } from '../wafer.ts';

/** Two sockets that hand on what comes: the test stands between a chip and its parent. */
interface Tap {
  process: ChildProcess;
  parent: Socket;
  chip: Socket;
}

/** Stands before the next chip that is started; resolves when its parent has connected. */
function tapChip(): Promise<Tap> {
  const tapped = Promise.withResolvers<Tap>();
  const note = (message: unknown): void => {
    unsubscribe('child_process', note);
    const { process } = message as { process: ChildProcess };
    // Heard before its parent hears it.
    process.once('message', ({ path }: { path: string }) => {
      renameSync(path, `${path}.own`);
      const server = createServer((parent) => {
        const chip = connect(`${path}.own`);
        for (const socket of [parent, chip]) socket.on('error', () => undefined);
        parent.pipe(chip, { end: false }).pipe(parent, { end: false });
        tapped.resolve({ process, parent, chip }); // chips connect later
      });
      server.listen(path);
      onTestFinished(() => void server.close());
    });
  };
  subscribe('child_process', note);
  return tapped.promise;
}

test('a chip that ends with its link is not what broke, though it is heard of first', async () => {
  const tapped = tapChip();
  const model = openSynthetic('synthetic:tiny');
  const wafer = await Wafer.start({ model, grid: '2x1', dice: '2x1', link: 'unix' });
  onTestFinished(() => wafer.close());
  const { process, parent, chip } = await tapped;
  const ended = once(process, 'close');
  // The wait for a cause is as long as it takes to tell of one here.
  vi.useFakeTimers({ toFake: ['setTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  chip.destroy();
  expect(await ended).toEqual([0, null]);
  await vi.advanceTimersByTimeAsync(5); // whoever believes an exit at once does it before
  expect(wafer.state).toBe('running');
  parent.destroy();
  await expect(wafer.closed).resolves.toMatchObject({
    code: 'CHIP_DIED',
    // What the socket says, as the system words it that time.
    details: { chip: 'Wafer.Chip[0]', reason: expect.not.stringContaining('exit') as string },
  });
});
