import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { claims, CLAIMS_FILE, claimsPage } from './claims.ts';
import { WINNERS_FILE, winnerRows } from './expert-winners.ts';

test('docs/claims.md says what the model says now', () => {
  expect(readFileSync(CLAIMS_FILE, 'utf8')).toBe(claimsPage(claims()));
});

test('each claim has figures, what they took and a verdict', () => {
  for (const { claim, says, took, verdict } of claims()) {
    expect(`${claim}${says}${took}`).not.toMatch(/NaN|undefined|Infinity/);
    expect(verdict).toMatch(/^(reproduced|refuted)/);
  }
});

test('docs/expert-winners.md says which placement wins now', () => {
  const page = readFileSync(WINNERS_FILE, 'utf8').replaceAll(/ +/g, ' ');
  for (const row of winnerRows(['mixtral-8x7b'], ['h100x16']))
    expect(page).toContain(`| ${row.join(' | ')} |`);
});
