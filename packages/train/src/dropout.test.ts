import { expect, test } from 'vitest';
import { dropoutFactor, dropoutHash, dropoutKey, dropoutThreshold } from './dropout.ts';

test.each([0, 0.1, 0.5, 0.9])(
  'of a share of %d: as much is dropped, sums stay as they were',
  (share) => {
    const [key0, key1] = [dropoutKey(0, 1, 2, 3, 4), dropoutKey(1, 1, 2, 3, 4)];
    const threshold = dropoutThreshold(share);
    const count = 20_000;
    const indices = Array.from({ length: count }, (_, index) => index);
    const kept = indices.filter((index) => dropoutHash(index, key0, key1) >= threshold).length;
    // Four standard deviations of a binomial; the seed is fixed.
    expect(Math.abs(kept / count - (1 - share))).toBeLessThan(
      4 * Math.sqrt((share * (1 - share)) / count) + 1e-9,
    );
    expect(dropoutFactor(share) * (1 - share)).toBeCloseTo(1, 6);
  },
);
