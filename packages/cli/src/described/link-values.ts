/**
 * A described link on the command line: by name, by three quantities, or by fields.
 *
 *   nvlink4    5us,50GB/s,10us    latency=5us,bandwidth=50GB/s,overhead=10us
 *
 * Fields that are left out cost nothing.
 */
import { InvalidArgumentError } from 'commander';
import { customLink, LINKS } from '@wafer/core';
import type { LinkSpec } from '@wafer/core';
import { readDurationNs, readRate } from './quantities.ts';

/** Names that people use for links that are listed under a longer one. */
const SHORT_NAMES: Readonly<Record<string, string>> = { pcie5: 'pcie5-x16' };

export const LINK_NAMES: string = LINKS.map(({ name }) => name).join(', ');

const FIELDS = ['latency', 'bandwidth', 'overhead'] as const;
type Field = (typeof FIELDS)[number];

/** Reads a link; one by quantities is named by its text. `others` are words that would do, too. */
export function readLink(text: string, others: readonly string[] = []): LinkSpec {
  const name = Object.hasOwn(SHORT_NAMES, text) ? SHORT_NAMES[text] : text;
  const known = LINKS.find((link) => link.name === name);
  if (known) return known;
  const words = text.split(',').map((word) => word.trim());
  const values = text.includes('=') ? readFields(words, others) : readThree(words, others);
  const { latency, bandwidth, overhead } = values;
  const link = customLink({
    latencyNs: latency === undefined ? 0 : readDurationNs(latency),
    bandwidthBytesPerS: bandwidth === undefined ? Infinity : readRate(bandwidth),
    overheadNs: overhead === undefined ? 0 : readDurationNs(overhead),
  });
  return { ...link, name: text };
}

function readThree(words: readonly string[], others: readonly string[]): Record<Field, string> {
  const [latency, bandwidth, overhead, ...more] = words;
  if (latency === undefined || bandwidth === undefined) return refuse(others);
  if (overhead === undefined || more.length > 0) return refuse(others);
  return { latency, bandwidth, overhead };
}

function readFields(
  words: readonly string[],
  others: readonly string[],
): Partial<Record<Field, string>> {
  const values: Partial<Record<Field, string>> = {};
  for (const word of words) {
    const [key, value, ...more] = word.split('=').map((part) => part.trim());
    const field = FIELDS.find((other) => other === key);
    if (field === undefined || value === undefined || more.length > 0) return refuse(others);
    if (values[field] !== undefined) return refuse(others);
    values[field] = value;
  }
  return values;
}

function refuse(others: readonly string[]): never {
  const names = [...others, LINK_NAMES].join(', ');
  throw new InvalidArgumentError(
    `Expected ${names}, or as latency=1us,bandwidth=100GB/s,overhead=2us.`,
  );
}
