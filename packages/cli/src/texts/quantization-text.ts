/**
 * What quantizing at load did to the weights, for people.
 */
import type { Quantization } from '@wafer/runtime';

/** Names in one line; the JSON has all. */
const NAMED_MAX = 4;

/** One line: the error, the worst tensor, and the tensors that stayed as they are stored. */
export function quantizationText(quantization: Quantization): string {
  const { type, tensorCount, relativeRmsError, worst, kept } = quantization;
  const percent = (share: number): string => `${(100 * share).toPrecision(3)} %`;
  const error =
    worst === undefined
      ? 'nothing was quantized'
      : `${tensorCount} matrices quantized at load, RMS error ${percent(relativeRmsError)} ` +
        `of the weights, ${percent(worst.relativeRmsError)} in ${worst.tensor}`;
  const names = kept.slice(0, NAMED_MAX).map(({ tensor, type: stored }) => `${tensor} (${stored})`);
  const more = kept.length - names.length;
  const rest = more > 0 ? [...names, `and ${more} more`] : names;
  return `weights in ${type}: ${error}${kept.length > 0 ? `; as stored: ${rest.join(', ')}` : ''}`;
}
