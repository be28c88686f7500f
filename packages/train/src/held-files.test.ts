/**
 * Files that are read and written are closed: by the end of the call, or by `close`.
 */
import { fstatSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  openAdapter,
  openModel,
  openReader,
  readChanges,
  requantize,
  syntheticAdapter,
  withAdapter,
  writeModel,
  writePeft,
} from '@wafer/models';
import { beforeAll, afterAll, expect, test } from 'vitest';
import { openData } from './data/open-data.ts';
import { hasChats } from './data/text-data.ts';
import { openTokens } from './data/token-source.ts';
import { openCheckpoint } from './checkpoint/checkpoint.ts';
import { testJob } from './test-job.ts';
import { Trainer } from './trainer.ts';

const folder = mkdtempSync(join(tmpdir(), 'wafer-held-'));
const at = (name: string): string => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true }));

/** Open files of this process that lie in the folder. */
function heldCount(): number {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const known = new Set(names.map((name) => statSync(at(name)).ino));
  let count = 0;
  for (let file = 0; file < 256; file++) {
    try {
      if (known.has(fstatSync(file).ino)) count++;
    } catch {
      // No open file has this number.
    }
  }
  return count;
}

beforeAll(async () => {
  const tiny = await openModel('synthetic:tiny');
  writeModel({ model: tiny, format: 'safetensors', path: at('tiny') });
  writePeft(at('poet'), syntheticAdapter(tiny.spec, { rank: 2, seed: 1 }));
  const ids = Uint16Array.from({ length: 700 }, (_, i) => (i * i + 7 * i) % 20);
  writeFileSync(at('ids.u16'), ids);
  writeFileSync(at('odd.u32'), 'odd');
  writeFileSync(at('lines.jsonl'), '{"prompt":"ask","completion":"say"}\n');
});

test('a model that is read, changed or written leaves no file open', async () => {
  const tiny = await openModel(at('tiny'));
  expect(heldCount()).toBe(0);
  const changed = withAdapter(tiny, at('poet'));
  for (const model of [tiny, changed, requantize(tiny, 'q8_0')]) {
    const reader = openReader(model.source);
    expect(heldCount()).toBeGreaterThan(0);
    reader.close();
    expect(heldCount()).toBe(0);
  }
  expect([...readChanges(openAdapter(tiny.spec, at('poet')))].length).toBeGreaterThan(0);
  expect(heldCount()).toBe(0);
  writeModel({ model: tiny, format: 'gguf', path: at('tiny.gguf'), type: 'q8_0' });
  await openModel(at('tiny.gguf'));
  expect(heldCount()).toBe(0);
  const stop = (): never => {
    throw new Error('stop');
  };
  const target = { format: 'gguf', path: at('cut.gguf'), onProgress: stop } as const;
  expect(() => writeModel({ model: tiny, ...target })).toThrow('stop');
  expect(heldCount()).toBe(0);
});

test('data that is read to its end, or refused, leaves no file open', async () => {
  const model = await openModel('synthetic:tiny');
  expect(hasChats([at('lines.jsonl')])).toBe(false);
  openData([at('lines.jsonl')], { model, separator: undefined }).close();
  expect(heldCount()).toBe(0);
  expect(() => openTokens(at('odd.u32'), 4)).toThrow('no ids');
  expect(heldCount()).toBe(0);
  const tokens = openTokens(at('ids.u16'), 2);
  expect(heldCount()).toBe(1);
  tokens.close();
  expect(heldCount()).toBe(0);
});

test('a run that is kept and begun again holds its data alone, and at last nothing', async () => {
  const [data, valid] = [openTokens(at('ids.u16'), 2), openTokens(at('ids.u16'), 2)];
  const trainer = new Trainer(testJob({ data, valid }));
  await trainer.next();
  const kept = trainer.checkpoint(at('run'), {}, 1);
  expect(heldCount()).toBe(2);
  await trainer.close();
  expect(heldCount()).toBe(0);
  const again = new Trainer(testJob(), await openCheckpoint(kept));
  expect(heldCount()).toBe(0);
  await again.close();
});
