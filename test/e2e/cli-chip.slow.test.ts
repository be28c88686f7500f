/**
 * `wafer chip`: a chip that waits, joins a wafer, and turns strangers away.
 */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { crc32 } from 'node:zlib';
import { expect, onTestFinished, test } from 'vitest';
import { detectRounding } from '@wafer/kernels';
import { Wafer } from '@wafer/runtime';
import { MAIN, runCli, runCliWell, temporaryFolder } from './cli-process.ts';

const SECRET = 'a secret of the test, long enough';
const LAYOUT = ['--grid', '2x1', '--dice', '2x1'];
const LOGITS = ['logits', 'synthetic:tiny', '--tokens', '1,2,3', '--greedy', '8'];

interface WaitingChip {
  child: ChildProcess;
  address: string;
  /** Lines on standard error after the first. */
  lines: AsyncIterator<string>;
}

/** Starts a chip on a free port of loopback. */
async function startChip(env: NodeJS.ProcessEnv, ...words: string[]): Promise<WaitingChip> {
  const args = [MAIN, 'chip', '--listen', '127.0.0.1:0', ...words];
  const stdio = ['ignore', 'inherit', 'pipe'] as const;
  const child = spawn(process.execPath, args, {
    env: { ...process.env, ...env },
    stdio: [...stdio],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const lines = createInterface({ input: child.stderr! })[Symbol.asyncIterator]();
  const { value } = (await lines.next()) as { value: string };
  const [, address = ''] = /^waiting at (\S+)$/.exec(value) ?? [];
  expect(address).toMatch(/^127\.0\.0\.1:\d+$/);
  return { child, address, lines };
}

test('chips that wait give the same answer as the uncut wafer, and end with it', async () => {
  using folder = temporaryFolder();
  const file = join(folder.path, 'secret');
  writeFileSync(file, `${SECRET}\n`);
  const chips = await Promise.all([
    startChip({}, '--secret-file', file),
    startChip({ WAFER_SECRET: SECRET }),
  ]);
  const exits = chips.map(({ child }) => once(child, 'exit'));
  const addresses = chips.map(({ address }) => address).join(',');
  const words = [...LAYOUT, '--link', 'tcp', '--chips', addresses, '--secret-file', file];
  const [joined, uncut] = await Promise.all([
    runCliWell([...LOGITS, ...words]),
    runCliWell([...LOGITS, '--grid', '1x1']),
  ]);
  expect(joined).toBe(uncut);
  expect((await Promise.all(exits)).map(([code]) => code as number)).toEqual([0, 0]);
});

test('a wrong secret and another rounding are refused with codes; the chip waits on', async () => {
  const chip = await startChip({ WAFER_SECRET: SECRET });
  const options = {
    model: 'synthetic:tiny',
    grid: '1x1',
    link: 'tcp',
    chips: [chip.address],
  } as const;
  const wrong = Wafer.start({ ...options, secret: Buffer.from('another secret, of that length') });
  await expect(wrong).rejects.toMatchObject({ code: 'LINK_SECRET' });
  expect((await chip.lines.next()).value).toContain('LINK_SECRET');

  const secret = Buffer.from(SECRET);
  const rounding = detectRounding() === 'fused' ? 'plain' : 'fused';
  const other = Wafer.start({ ...options, secret, rounding });
  await expect(other).rejects.toMatchObject({
    code: 'LINK_MISMATCH',
    details: { field: 'rounding' },
  });
  expect((await chip.lines.next()).value).toContain('LINK_MISMATCH');

  await using wafer = await Wafer.start({ ...options, secret });
  for await (const { token } of wafer.generate([1], { maxTokens: 1 })) expect(token).toBeDefined();
});

test('a frame of another version is refused with its code', async () => {
  const chip = await startChip({ WAFER_SECRET: SECRET });
  const [, port = ''] = chip.address.split(':');
  const socket = connect(Number(port), '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  const closed = once(socket, 'close');
  socket.resume();
  // Magic, version 9, kind 1; the header's check is right.
  const header = new Int32Array(8);
  header[0] = 0x4657 | (9 << 16) | (1 << 24);
  header[7] = crc32(new Uint8Array(header.buffer, 0, 28));
  socket.write(new Uint8Array(header.buffer));
  expect((await chip.lines.next()).value).toContain('LINK_VERSION');
  await closed;
});

test('slips of the user are said in words', async () => {
  const noSecret = await runCli(['chip', '--listen', '127.0.0.1:0']);
  expect(noSecret).toMatchObject({ code: 2, stdout: '' });
  expect(noSecret.stderr).toContain('WAFER_SECRET');
  const noPort = await runCli(['chip', '--listen', 'here']);
  expect(noPort).toMatchObject({ code: 2, stdout: '' });
  expect(noPort.stderr).toContain('Expected HOST:PORT');
  const options = { model: 'synthetic:tiny', grid: '2x1', dice: '2x1' } as const;
  const chips = ['127.0.0.1:1', '127.0.0.1:2'];
  const secret = Buffer.from(SECRET);
  const start = (more: object): Promise<Wafer> => Wafer.start({ ...options, ...more });
  const refused = { code: 'PLAN_OPTION' };
  await expect(start({ chips, secret })).rejects.toMatchObject(refused);
  await expect(start({ link: 'tcp', chips: chips.slice(1), secret })).rejects.toMatchObject(
    refused,
  );
  await expect(start({ link: 'tcp', chips })).rejects.toMatchObject(refused);
});
