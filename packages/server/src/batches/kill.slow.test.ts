import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { asker } from '../../scripts/test-server.ts';
import type { Answer, Asker } from '../../scripts/test-server.ts';

// A real server in a process of its own is killed at random points of uploads and of a batch, 20
// times or WAFER_KILLS; the seed is printed.

const KILLS = Number(process.env['WAFER_KILLS'] ?? 8);
const LINES = Math.max(60, 3 * KILLS);
const seed = Number(process.env['WAFER_SEED'] ?? Math.floor(Math.random() * 2 ** 31));

/** Mulberry32. Source: Tommy Ettinger, public domain. */
function random(start: number): () => number {
  let state = start;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

async function start(folder: string): Promise<{ child: ChildProcess; ask: Asker['ask'] }> {
  const script = new URL('../../scripts/serve-folder.ts', import.meta.url).pathname;
  const child = spawn(process.execPath, [script, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [url] = (await once(createInterface(child.stdout!), 'line')) as [string];
  return { child, ask: asker({ url }, 'first').ask };
}

const line = (n: number): string =>
  JSON.stringify({
    ...{ custom_id: `line-${n}`, method: 'POST', url: '/v1/chat/completions' },
    body: {
      ...{ model: 'stories', temperature: 0, max_tokens: 24 },
      messages: [{ role: 'user', content: `Story ${n}` }],
    },
  });

const fileForm = (text: string): FormData => {
  const form = new FormData();
  form.set('purpose', 'batch');
  form.set('file', new Blob([text]), 'input.jsonl');
  return form;
};

/** The same in two parts; the answer is that of the last step. */
async function uploaded(ask: Asker['ask'], text: string): Promise<Answer> {
  const begun = await ask('POST', '/v1/uploads', {
    ...{ purpose: 'user_data', filename: 'parts.txt', mime_type: 'text/plain' },
    bytes: Buffer.byteLength(text),
  });
  const path = `/v1/uploads/${String(begun.body['id'])}`;
  const ids: string[] = [];
  for (const part of [text.slice(0, 1000), text.slice(1000)]) {
    const form = new FormData();
    form.set('data', new Blob([part]));
    ids.push(String((await ask('POST', `${path}/parts`, form)).body['id']));
  }
  return ask('POST', `${path}/complete`, { part_ids: ids });
}

/** Of a file, or of the file that an upload became. */
function idOf(body: Record<string, unknown>): string {
  const { file } = body as { file?: { id: string } };
  return file?.id ?? String(body['id']);
}

test(
  `killed ${KILLS} times, nothing is lost and nothing doubled (seed ${seed})`,
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'wafer-kill-'));
    const next = random(seed);
    let { child, ask } = await start(folder);
    const input = Array.from({ length: LINES }, (_, n) => line(n)).join('\n');
    const { body: file } = await ask('POST', '/v1/files', fileForm(input));
    const create = { endpoint: '/v1/chat/completions', completion_window: '24h' };
    const { body: batch } = await ask('POST', '/v1/batches', {
      ...create,
      input_file_id: file['id'],
    });
    const accepted = [String(file['id'])];
    for (let kill = 0; kill < KILLS; kill++) {
      const uploading = (async () => {
        for (let n = 0; ; n++) {
          const text = `${kill} ${n}`.repeat(1000);
          const answer = await (n % 2 === 0
            ? ask('POST', '/v1/files', fileForm(text))
            : uploaded(ask, text));
          if (answer.status === 200) accepted.push(idOf(answer.body));
        }
      })().catch(() => undefined); // it ends with the process
      await sleep(next() * 150);
      child.kill('SIGKILL');
      await once(child, 'exit');
      await uploading;
      ({ child, ask } = await start(folder));
    }
    let state: Record<string, unknown>;
    do {
      await sleep(50);
      state = (await ask('GET', `/v1/batches/${String(batch['id'])}`)).body;
    } while (state['status'] !== 'completed');
    expect(state['request_counts']).toEqual({ total: LINES, completed: LINES, failed: 0 });
    const { text } = await ask('GET', `/v1/files/${String(state['output_file_id'])}/content`);
    const ids = text
      .trim()
      .split('\n')
      .map((row) => (JSON.parse(row) as { custom_id: string }).custom_id);
    expect(ids).toEqual(Array.from({ length: LINES }, (_, n) => `line-${n}`));
    const { data } = (await ask('GET', '/v1/files')).body as {
      data: { id: string; bytes: number }[];
    };
    const there = data.map(({ id }) => id);
    expect(new Set(there).size).toBe(there.length);
    expect(accepted.filter((id) => !there.includes(id))).toEqual([]);
    for (const { id, bytes } of data) {
      const content = await ask('GET', `/v1/files/${id}/content`);
      expect(Buffer.byteLength(content.text)).toBe(bytes);
    }
    child.kill('SIGTERM');
    await once(child, 'exit');
    rmSync(folder, { recursive: true });
  },
  60_000 + KILLS * 10_000,
);
