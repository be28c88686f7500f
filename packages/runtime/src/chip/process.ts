/**
 * Entry of a chip process of inference.
 */
import { INFERENCE } from './chip.ts';
import { runStartedChip } from './run-chip.ts';

runStartedChip(INFERENCE);
