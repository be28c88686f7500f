import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { GENERATED, pageModule } from '../scripts/build.ts';

test('the built page is that of the sources; else run `npm run dashboard`', async () => {
  expect((await pageModule()) === readFileSync(GENERATED, 'utf8')).toBe(true);
});
