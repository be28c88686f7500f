/**
 * Cohorts of services: wafers without speculation, each predicted from the others, and the rest.
 *
 * The rest says what the hardware gives without speculation; published over predicted is what
 * speculation, newer kernels or undisclosed parallelism would have to explain.
 */
import { refuse } from '../fit/refusal.ts';
import type { Refusal } from '../fit/refusal.ts';
import { numberAt, textAt } from '../published/published-table.ts';
import type { PublishedRow } from '../published/published-table.ts';
import { VENDOR_SPEEDS } from '../published/vendor-speeds.ts';
import { groqStepUs } from '../serving/groq.ts';
import {
  impliedCrossingUs,
  isPlainService,
  SERVICE_CONTEXT,
  serviceRun,
  serviceTokensPerS,
} from '../serving/wafer-service.ts';
import { waferResidency } from '../serving/residency.ts';
import { tryWaferFacts } from '@wafer/core';
import type { Cohort, Predictor } from './cohort.ts';
import { servedModel, setsGroq } from './published-speeds.ts';

const LABEL = ['date', 'model', 'vendor', 'system', 'systems', 'tokens_per_second_per_user'];

/** A row's crossing is the mean of those that rows of other models imply. */
function otherModels(rows: readonly PublishedRow[], model: string): number {
  const others = rows.filter((row) => textAt(row, 'model') !== model);
  const all = (others.length > 0 ? others : rows).map((row) => Math.max(0, impliedCrossingUs(row)));
  return all.reduce((sum, us) => sum + us, 0) / all.length;
}

const PLAIN: Cohort = {
  name: 'wafer services without speculation',
  table: 'vendor-speeds',
  unit: 'tokens/s',
  reference: 'tokens_per_second_per_user',
  label: LABEL,
  machine: (row) => textAt(row, 'system'),
  owns: isPlainService,
  // All of them set the crossing that is projected with; each is told by those of other models.
  calibrates: isPlainService,
  fit: () => (row) => fromOthers(row),
};

function fromOthers(row: PublishedRow): number | Refusal {
  const run = serviceRun(row);
  if (!run) return refuse('a model whose sizes are not known');
  const rows = VENDOR_SPEEDS.rows.filter(isPlainService);
  return serviceTokensPerS(run, otherModels(rows, textAt(row, 'model')));
}

/** The hardware's speed without speculation, for services that may have it. */
const OTHER: Cohort = {
  name: 'other services, hardware alone',
  table: 'vendor-speeds',
  unit: 'tokens/s',
  reference: 'tokens_per_second_per_user',
  label: LABEL,
  machine: (row) =>
    textAt(row, 'vendor') === 'Groq' && textAt(row, 'speculative_decoding') !== 'yes'
      ? 'Groq LPU'
      : textAt(row, 'system'),
  owns: (row) => !isPlainService(row),
  calibrates: setsGroq,
  fit: (): Predictor => hardwareAlone,
};

function hardwareAlone(row: PublishedRow): number | Refusal {
  const shape = servedModel(row);
  const system = textAt(row, 'system');
  if (!shape) return refuse('a model whose sizes are not known');
  if (system.startsWith('LPU')) return 1e6 / groqStepUs(shape);
  if (system === 'GPU') return refuse('which GPU, how many and what they run is not stated');
  if (system !== 'CS-3' && system !== 'WSE-3') return refuse(`${system} is not described`);
  const wafer = tryWaferFacts('wse3')!;
  const held = { shape, contextTokens: SERVICE_CONTEXT, batch: 1 };
  const { chips } = waferResidency(held, wafer);
  const named = { ...row, model: shape.name, systems: String(numberAt(row, 'systems') || chips) };
  return fromOthers(named);
}

export const SERVICE_COHORTS: readonly Cohort[] = [PLAIN, OTHER];
