/** Tiny shapes of all families, by name: each family's file says its own. */
import type { ModelSpec } from '@wafer/core';
import { FAMILIES, type Family } from '../families/families.ts';

/** Shapes by family. */
export const FAMILY_SPECS: Readonly<Record<Family, ModelSpec>> = Object.fromEntries(
  Object.entries(FAMILIES).map(([name, { tiny }]) => [name, tiny]),
) as Record<Family, ModelSpec>;
