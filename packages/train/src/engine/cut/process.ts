/**
 * Entry of a chip process of training.
 */
import { runStartedChip } from '@wafer/runtime/chips';
import { TRAINING } from './train-chip.ts';

runStartedChip(TRAINING);
