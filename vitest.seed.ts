/**
 * Property tests draw the same values in every run, so that what passed for one commit passes again
 * for it. `WAFER_SEED=N npm test` draws others; a failure prints the seed that shows it.
 */
import fc from 'fast-check';

fc.configureGlobal({ seed: Number(process.env['WAFER_SEED'] ?? 1) });
