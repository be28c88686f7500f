import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { claims, CLAIMS_FILE, claimsPage } from './claims.ts';

test('docs/claims.md says what the model says now', () => {
  expect(readFileSync(CLAIMS_FILE, 'utf8')).toBe(claimsPage(claims()));
});

test('each claim has figures, what they took and a verdict', () => {
  for (const { claim, says, took, verdict } of claims()) {
    expect(`${claim}${says}${took}`).not.toMatch(/NaN|undefined|Infinity/);
    expect(verdict).toMatch(/^(reproduced|refuted)/);
  }
});
