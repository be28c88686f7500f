import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { syntheticAdapter, writeModel, writePeft } from '@wafer/models';
import { openModel, Wafer } from '@wafer/runtime';
import type { Model } from '@wafer/runtime';
import { modelDigest } from '@wafer/runtime/internal';
import { ADAPTER_PATH } from '@wafer/train';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import type { GuestSpec } from '../models/lodging.ts';
import { tunedGuest } from './tuned-guest.ts';

const CHAT = [{ role: 'user', content: 'Once' }] as const;
const templateOf = (word: string): string =>
  `{% for m in messages %}${word} {{ m.content }}{% endfor %}`;

let base: Model;
let wafer: Wafer;
let digest: string;
beforeAll(async () => {
  base = withTemplate(await openModel('synthetic:tiny'), templateOf('base'));
  digest = modelDigest(base.source);
  wafer = await Wafer.start({
    model: base,
    sequences: 2,
    contextTokens: 64,
    adapters: { slots: 1, rank: 4 },
  });
});
afterAll(() => wafer.close());

function withTemplate(model: Model, template: unknown): Model {
  const config = { ...(model.tokenizer!.tokenizerConfig as object), chat_template: template };
  return { ...model, tokenizer: { ...model.tokenizer!, tokenizerConfig: config } };
}

/** A guest whose job began with the weights of a digest; its model has a template. */
function guestOf({ began = digest, template = templateOf('tuned') as unknown, rank = 4 } = {}): {
  guest: GuestSpec;
  told: Record<string, unknown>[];
} {
  const folder = mkdtempSync(join(tmpdir(), 'wafer-guest-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'base.json'), JSON.stringify({ digest: began }));
  const path = join(folder, 'model');
  writeModel({ model: withTemplate(base, template), format: 'safetensors', path });
  writePeft(join(path, ADAPTER_PATH), syntheticAdapter(base.spec, { rank, seed: 1 }));
  const told: Record<string, unknown>[] = [];
  const logger = pino({}, { write: (line) => void told.push(JSON.parse(line)) });
  return { guest: tunedGuest({ id: 'tuned', host: 'base', path, folder, logger }), told };
}

test('a guest goes by its own chat template, on the wafer of its base', async () => {
  const { guest } = guestOf();
  const stay = (await guest.enter(wafer, digest))!;
  expect((await stay.wafer.renderChat(CHAT)).text).toContain('tuned Once');
  expect((await wafer.renderChat(CHAT)).text).toContain('base Once');
  expect(wafer.adapters.map(({ name }) => name)).toEqual(['tuned']);
  await stay.leave();
  expect(wafer.adapters).toEqual([]);
});

test.each([
  ['of another base', { began: '00' }, { reason: 'another base' }],
  ['whose slot is too small', { rank: 17 }, { code: 'ADAPTER_RANK', rank: 17 }],
  [
    'of several templates',
    { template: ['default', 'tool_use'].map((name) => ({ name, template: templateOf(name) })) },
    { reason: 'several chat templates' },
  ],
])('one %s does not enter, and it is told why', async (_, made, reason) => {
  const { guest, told } = guestOf(made);
  expect(await guest.enter(wafer, digest)).toBe(undefined);
  expect(told).toMatchObject([{ model: 'tuned', host: 'base', msg: 'no guest', ...reason }]);
  expect(wafer.adapters).toEqual([]);
});

test('nor one on a wafer whose weights nobody can tell, or that has no slots', async () => {
  const { guest } = guestOf();
  expect(await guest.enter(wafer, undefined)).toBe(undefined);
  await using plain = await Wafer.start({ model: base, sequences: 1 });
  expect(await guest.enter(plain, digest)).toBe(undefined);
});

test('a wafer that ended is no reason for a second one', async () => {
  const { guest } = guestOf();
  const ended = await Wafer.start({ model: base, sequences: 1, adapters: { slots: 1, rank: 4 } });
  await ended.close();
  await expect(guest.enter(ended, digest)).rejects.toThrow('WAFER_CLOSED');
});
