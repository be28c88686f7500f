/**
 * What a run says when the link to one of its chips breaks in the middle of a step: that, and not
 * that the chip, which ends with its link, died.
 */
import type { ChildProcess } from 'node:child_process';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { testModel, TINY } from '../../reference/test-models.ts';
import { testJob } from '../../test-job.ts';
import { Trainer } from '../../trainer.ts';

/** What Node.js tells of on a channel until the test is over. */
function gather<Thing>(channel: string, thing: string): Thing[] {
  const gathered: Thing[] = [];
  const note = (message: unknown): void => {
    gathered.push((message as Record<string, Thing>)[thing]!);
  };
  subscribe(channel, note);
  onTestFinished(() => void unsubscribe(channel, note));
  return gathered;
}

/** A run on two chips after its first step; their processes and the sockets to them, in order. */
async function startRun(): Promise<{
  trainer: Trainer;
  sockets: Socket[];
  processes: ChildProcess[];
}> {
  const sockets = gather<Socket>('net.client.socket', 'socket');
  const processes = gather<ChildProcess>('child_process', 'process');
  const trainer = new Trainer(
    testJob({
      model: testModel({ ...TINY, layerCount: 2 }),
      shape: { replicas: 1, stages: 2, tiles: 1, recompute: false },
      cut: { chips: 2, link: 'unix' },
    }),
  );
  onTestFinished(() => trainer.close());
  await trainer.next();
  expect([sockets.length, processes.length]).toEqual([2, 2]);
  return { trainer, sockets, processes };
}

const brokenLink = (chip: number): object => ({
  code: 'LINK_BROKEN',
  details: { link: `Wafer.Link[host-${chip}]` },
});

test.each([0, 1])('the link of chip %i, of which the run hears before the chip', async (chip) => {
  const { trainer, sockets } = await startRun();
  const step = trainer.next();
  sockets[chip]!.destroy();
  await expect(step).rejects.toMatchObject(brokenLink(chip));
});

test.each([0, 1])('the link of chip %i, which ends before the run hears of it', async (chip) => {
  const { trainer, sockets, processes } = await startRun();
  const exited = once(processes[chip]!, 'exit');
  const step = trainer.next();
  const socket = sockets[chip]!;
  socket.pause();
  socket.end();
  const resumed = exited.then(() => socket.resume());
  await expect(step).rejects.toMatchObject(brokenLink(chip));
  await resumed;
});

test.each([0, 1])('chip %i, where its process is what died', async (chip) => {
  const { trainer, processes } = await startRun();
  const step = trainer.next();
  processes[chip]!.kill('SIGKILL');
  const died = { code: 'CHIP_DIED', details: { chip: `Wafer.Chip[${chip}]` } };
  await expect(step).rejects.toMatchObject(died);
});
