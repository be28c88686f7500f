/**
 * Cohorts of whole models on GPUs: decode steps and prefill.
 */
import { applyConstants } from '../fit/least-squares.ts';
import { refuse } from '../fit/refusal.ts';
import { numberAt, textAt } from '../published/published-table.ts';
import type { PublishedRow } from '../published/published-table.ts';
import { decodeMsBy, decodeOfRow, fitDecode, setsDecode } from '../serving/gpu-decode.ts';
import {
  fitPrefill,
  isAbovePeak,
  prefillOfRow,
  prefillSecondsFeatures,
} from '../serving/gpu-prefill.ts';
import { ALL_ROWS } from './cohort.ts';
import type { Cohort } from './cohort.ts';

/** Tensor parallel alone, of a dense model. */
function isTensorOnly(row: PublishedRow): boolean {
  const isOne = (column: string): boolean => numberAt(row, column) === 1;
  const isDense = decodeOfRow(row)?.shape.experts === undefined;
  return isDense && isOne('pipeline_parallel') && isOne('expert_parallel');
}

function decodeCohort(name: string, owns: Cohort['owns']): Cohort {
  return {
    name,
    table: 'gpu-decode',
    unit: 'ms',
    reference: 'milliseconds_per_token',
    label: [
      'model',
      'gpu',
      'gpus',
      'stack',
      'tensor_parallel',
      'pipeline_parallel',
      'expert_parallel',
    ],
    machine: (row) => textAt(row, 'gpu'),
    owns,
    calibrates: setsDecode,
    fit: (rows) => {
      const constants = fitDecode(rows);
      return (row) => {
        const use = decodeOfRow(row);
        return use ? decodeMsBy(constants, use) : refuse('a model whose sizes are not known');
      };
    },
  };
}

const PREFILL: Cohort = {
  name: 'GPU prefill',
  table: 'gpu-prefill',
  unit: 'tokens/s',
  reference: 'tokens_per_second',
  label: ['model', 'gpu', 'gpus', 'stack', 'prompt_tokens'],
  machine: (row) => textAt(row, 'gpu'),
  owns: ALL_ROWS,
  calibrates: (row) => !isAbovePeak(row),
  fit: (rows) => {
    const constants = fitPrefill(rows);
    return (row) => {
      const use = prefillOfRow(row);
      if (!use) return refuse('a model whose sizes are not known');
      if (isAbovePeak(row)) return refuse("the published rate lies above the chips' peak");
      if (use.gpu !== 'A100' || textAt(row, 'stack') !== 'SGLang') {
        return refuse('prefill is published for SGLang on A100 only');
      }
      return use.tokens / applyConstants(constants, { features: prefillSecondsFeatures(use) });
    };
  },
};

export const GPU_SERVING_COHORTS: readonly Cohort[] = [
  decodeCohort('GPU decode, tensor parallel', isTensorOnly),
  decodeCohort('GPU decode, pipeline and experts', (row) => !isTensorOnly(row)),
  PREFILL,
];
