/** What the parent of a chip process learns of its end. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { ChipExit } from './spawn-chips.ts';
import { ChipProcesses } from './spawn-chips.ts';

test('a chip that cannot listen ends with code 1, and says why', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'wafer-run-chip-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  vi.stubEnv('TMPDIR', folder);
  onTestFinished(() => void vi.unstubAllEnvs());
  const exit = Promise.withResolvers<ChipExit>();
  const processes = new ChipProcesses({
    ...{ count: 1, kind: 'unix', onExit: exit.resolve },
    order: { secret: '', isAuthenticated: false, rounding: 'plain', revectorize: false },
  });
  onTestFinished(() => processes.end(1000));
  // Where its socket file was to be.
  for (const name of readdirSync(folder)) rmSync(join(folder, name), { recursive: true });
  const died = {
    code: 'CHIP_DIED',
    details: {
      chip: 'Wafer.Chip[0]',
      reason: expect.stringMatching(/exit code 1: LINK_LISTEN.*no such file or folder/) as string,
    },
  };
  await expect(processes.addresses()).rejects.toMatchObject(died);
  await expect(exit.promise).resolves.toMatchObject({ isOwn: true, error: died });
});
