import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { afterAll, expect, test } from 'vitest';
import { runCli, runCliJson, runCliWell, startCli, temporaryFolder } from './cli-process.ts';
import { STORIES_260K } from '../golden/stories.ts';

const folder = temporaryFolder();
afterAll(() => folder[Symbol.dispose]());
const TEXT = 'Once upon a time';

test('a text becomes ids and the ids the text again; logits take either', async () => {
  const ids = (await runCliWell(['tokenize', STORIES_260K, TEXT])).trim();
  expect(ids).toMatch(/^\d+(,\d+)+$/);
  expect(await runCliWell(['detokenize', STORIES_260K, ids])).toBe(`${TEXT}\n`);
  const file = join(folder.path, 'text');
  writeFileSync(file, `${TEXT}\n`);
  const json = await runCliJson(['tokenize', STORIES_260K, '--file', file, '--json']);
  expect(json['tokens']).toEqual(ids.split(',').map(Number));
  expect(await runCliJson(['logits', STORIES_260K, '--text', TEXT])).toEqual(
    await runCliJson(['logits', STORIES_260K, '--tokens', ids, '--json']),
  );
  expect(await runCliWell(['run', STORIES_260K, '--file', file, '--max-tokens', '4'])).toBe(
    await runCliWell(['run', STORIES_260K, TEXT, '--max-tokens', '4']),
  );
});

test('models that were pulled are listed and removed', async () => {
  const env = { WAFER_MODELS: join(folder.path, 'models') };
  mkdirSync(join(env.WAFER_MODELS, 'org/name'), { recursive: true });
  writeFileSync(join(env.WAFER_MODELS, 'org/name/model.gguf'), 'x'.repeat(2048));
  const listed = await startCli(['list'], '', env).ended;
  expect(listed.stdout).toMatch(/^org\/name +2\.0 KiB +not complete/m);
  const asked = await startCli(['rm', 'org/name'], '', env).ended;
  expect(asked).toMatchObject({ code: 2, stdout: '' });
  const removed = await startCli(['rm', 'org/name', '--yes'], '', env).ended;
  expect(removed).toMatchObject({ code: 0, stdout: 'removed org/name, 2.0 KiB\n' });
  expect((await startCli(['list', '--json'], '', env).ended).stdout).toContain('"models":[]');
});

test('the doctor finds what a wafer needs', async () => {
  const { stdout } = await runCli(['doctor', '--json']);
  const { findings } = JSON.parse(stdout) as { findings: { what: string; isGood: boolean }[] };
  expect(findings.find(({ what }) => what === 'a tiny wafer')).toMatchObject({ isGood: true });
});

test('bash completes commands and options', async () => {
  const script = await runCliWell(['completion', 'bash']);
  const ask = 'COMP_WORDS=(wafer bench speed --ro); COMP_CWORD=3; _wafer; echo "${COMPREPLY[@]}"';
  const { stdout } = spawnSync('bash', ['-c', `${script}\n${ask}`], { encoding: 'utf8' });
  expect(stdout).toBe('--rounds\n');
  for (const shell of ['zsh', 'fish']) {
    expect(await runCliWell(['completion', shell])).toContain('detokenize');
  }
});
