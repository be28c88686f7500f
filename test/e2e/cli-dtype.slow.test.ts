import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runCli, runCliJson, runCliWell, temporaryFolder } from './cli-process.ts';

test('--dtype gives the text of a file of that type, and says what it cost', async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, 'm');
  await runCliWell(['init', path, '--dtype', 'bf16']);
  const run = ['run', path, 'hello', '--max-tokens', '8', '--dtype', 'q8_0'];
  const [said, json] = await Promise.all([runCli(run), runCliJson([...run, '--json'])]);
  expect(said.stderr).toMatch(
    /^weights in q8_0: 15 matrices quantized at load, RMS error 0\.\d+ % of the weights, 0\./m,
  );
  expect(json).toMatchObject({
    text: said.stdout.slice(0, -1),
    quantization: { type: 'q8_0', tensorCount: 15, kept: [] },
  });
  const refused = await runCli([...run.slice(0, -1), 'q9']);
  expect(refused).toMatchObject({ code: 2, stdout: '' });
});
