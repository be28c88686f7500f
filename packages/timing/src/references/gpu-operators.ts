/**
 * Cohorts of GPU kernels and collectives: matrix x vector, attention, all-reduce, clusters.
 */
import { clusterBy, clusterSetOf, clusterSets, isOutlier } from '../collective/cluster.ts';
import { nodeAllReduceBy, reduceSets, setOfRow } from '../collective/node-all-reduce.ts';
import { refuse } from '../fit/refusal.ts';
import { attentionBy, attentionTable } from '../ops/gpu-attention.ts';
import { fitGemv, gemvBy, gemvOfRow } from '../ops/gpu-gemv.ts';
import { numberAt, textAt } from '../published/published-table.ts';
import { ALL_ROWS, EVERY_ROW } from './cohort.ts';
import type { Cohort } from './cohort.ts';

const GEMV: Cohort = {
  name: 'GPU matrix x vector',
  table: 'gpu-gemv',
  unit: 'us',
  reference: 'microseconds',
  label: ['gpu', 'dtype', 'n', 'k', 'stack'],
  owns: ALL_ROWS,
  calibrates: EVERY_ROW,
  fit: (rows) => {
    const constants = fitGemv(rows);
    return (row) =>
      numberAt(row, 'm') === 1
        ? gemvBy(constants, gemvOfRow(row))
        : refuse('only one vector was published');
  },
};

const ATTENTION: Cohort = {
  name: 'GPU attention',
  table: 'gpu-attention',
  unit: 'us',
  reference: 'microseconds',
  label: ['gpu', 'query_heads', 'kv_heads', 'context_tokens', 'stack'],
  owns: ALL_ROWS,
  calibrates: EVERY_ROW,
  fit: (rows) => {
    const table = attentionTable(rows);
    return (row) => {
      const type = textAt(row, 'kv_dtype');
      if (type !== 'bf16') return refuse(`no keys and values in ${type} were published to us`);
      if (numberAt(row, 'batch') !== 1) return refuse('only one sequence was published');
      return attentionBy(table, {
        gpu: textAt(row, 'gpu'),
        queryHeads: numberAt(row, 'query_heads'),
        kvHeads: numberAt(row, 'kv_heads'),
        headWidth: numberAt(row, 'head_dim'),
        contextTokens: numberAt(row, 'context_tokens'),
      });
    };
  },
};

const ALL_REDUCE: Cohort = {
  name: 'GPU all-reduce',
  table: 'gpu-all-reduce',
  unit: 'us',
  reference: 'microseconds',
  label: ['gpu', 'gpus', 'kernel', 'launch_mode', 'message_bytes'],
  owns: ALL_ROWS,
  calibrates: EVERY_ROW,
  fit: (rows) => {
    const sets = reduceSets(rows);
    return (row) => nodeAllReduceBy(sets, setOfRow(row), numberAt(row, 'message_bytes'));
  },
};

function clusterCohort(name: string, owns: Cohort['owns']): Cohort {
  return {
    name,
    table: 'gpu-cluster-all-reduce',
    unit: 'us',
    reference: 'median_microseconds',
    label: ['operation', 'gpu', 'gpus', 'nodes', 'message_bytes'],
    owns,
    calibrates: (row) => !isOutlier(row),
    fit: (rows) => {
      const sets = clusterSets(rows);
      return (row) =>
        isOutlier(row)
          ? refuse('marked as an outlier by its own table')
          : clusterBy(sets, clusterSetOf(row), numberAt(row, 'message_bytes'));
    },
  };
}

const isSend: Cohort['owns'] = (row) => textAt(row, 'operation') === 'send_recv';

export const GPU_OPERATOR_COHORTS: readonly Cohort[] = [
  GEMV,
  ATTENTION,
  ALL_REDUCE,
  clusterCohort('send/receive', isSend),
  clusterCohort('all-reduce of a cluster', (row) => !isSend(row)),
];
