/**
 * How chip processes end: with their wafer, with their parent, by a signal, before they began.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { SourceDescription } from '@wafer/models';
import { openModel, Wafer } from '@wafer/runtime';

const RUNTIME = new URL('../../packages/runtime/src/index.ts', import.meta.url).href;
const OPTIONS = { model: 'synthetic:tiny', grid: '2x1', dice: '2x1', contextTokens: 128 } as const;

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'wafer-test-'));
  vi.stubEnv('TMPDIR', folder);
});
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

test.each(['unix', 'tcp'] as const)(
  'a chip that is killed while decoding ends every request with its name (%s)',
  async (link) => {
    const wafer = await Wafer.start({ ...OPTIONS, link });
    const [, victim = 0] = wafer.processIds;
    let killedMs = 0;
    const follow = async (first: number): Promise<unknown> => {
      let count = 0;
      try {
        for await (const _ of wafer.generate([first], { maxTokens: 100, temperature: 0 })) {
          if (++count < 3 || killedMs > 0) continue;
          killedMs = performance.now();
          process.kill(victim, 'SIGKILL');
        }
      } catch (error) {
        return error;
      }
      return `an answer of ${count} tokens`;
    };
    const ends = await Promise.all([1, 2, 3].map(follow));
    const noticedMs = performance.now() - killedMs;
    for (const error of ends) {
      expect(error).toMatchObject({ code: 'CHIP_DIED', details: { chip: 'Wafer.Chip[1]' } });
    }
    const later = wafer.generate([1], { maxTokens: 1 }).next();
    await expect(later).rejects.toMatchObject({ code: 'CHIP_DIED' });
    await wafer.close();
    for (const pid of wafer.processIds) expect(() => process.kill(pid, 0)).toThrow('ESRCH');
    expect(readdirSync(folder)).toEqual([]);
    console.log(`${link}: every request had ended ${noticedMs.toFixed(1)} ms after the kill`);
  },
);

test.each(['unix', 'tcp'] as const)('a parent that is killed leaves no chip (%s)', async (link) => {
  const program = `
    import { Wafer } from ${JSON.stringify(RUNTIME)};
    const wafer = await Wafer.start(${JSON.stringify({ ...OPTIONS, link })});
    console.log(JSON.stringify(wafer.processIds));
    for (;;) for await (const _ of wafer.generate([1], { maxTokens: 100 }));`;
  const parent = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(createInterface({ input: parent.stdout }), 'line')) as [string];
  const chips = JSON.parse(line) as number[];
  expect(chips.map(isAlive)).toEqual([true, true]);
  parent.kill('SIGKILL');
  await once(parent, 'exit');
  while (chips.some(isAlive)) await sleep(20); // the test's own limit ends this
  while (readdirSync(folder).length > 0) await sleep(20);
});

test('a model that no chip can load ends the start with its code, and every chip', async () => {
  const model = await openModel('synthetic:tiny');
  const source: SourceDescription = {
    kind: 'files',
    paths: [join(folder, 'gone')],
    tensors: Object.fromEntries(
      Object.entries(model.source.tensors).map(([name, tensor]) => [
        name,
        { ...tensor, fileIndex: 0, offset: 0 },
      ]),
    ),
  };
  const start = Wafer.start({ ...OPTIONS, model: { ...model, source }, link: 'unix' });
  await expect(start).rejects.toMatchObject({ code: 'MODEL_UNREADABLE' });
  expect(readdirSync(folder)).toEqual([]);
});

/** A process that nobody has waited for yet, as in a container without an init, is not alive. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !/\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH' && existsSync(`/proc/${pid}`);
  }
}
