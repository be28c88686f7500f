/**
 * Property tests draw the same values in every run, so that what passed for one commit passes again
 * for it. `WAFER_SEED=N npm test` draws others; a failure prints the seed that shows it. Commands
 * run without colors, even where whoever tests has forced them.
 */
import fc from 'fast-check';

delete process.env['FORCE_COLOR'];
fc.configureGlobal({ seed: Number(process.env['WAFER_SEED'] ?? 1) });
