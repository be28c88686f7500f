/**
 * Everything that one bench found, as plain data: what `--json` prints and what the report shows.
 */
import type { ActivationError, KvError, Quantization } from '@wafer/runtime';
import type { Setting } from '../machine.ts';
import type { RowReport } from './bench-report.ts';
import type { DescribedPart } from './described-part.ts';

export interface BenchHeader {
  id: string;
  model: string;
  /** Of the rows that really ran; described rows name their own. */
  clock: 'wall';
  date: string;
  machine: Setting;
  grid: string;
  threads: number;
  rounding: string;
  activations: string;
  kv: string;
  vectorBits: number;
  promptTokens: number;
  generatedTokens: number;
}

export interface BenchResults extends BenchHeader {
  rows: RowReport[];
  tokensHash: string;
  activationError: ActivationError | undefined;
  kvError: KvError | undefined;
  /** Of weights that were quantized at load. */
  quantization: Quantization | undefined;
  described: DescribedPart;
  /** Where the files of the run are. */
  folder: string;
}
