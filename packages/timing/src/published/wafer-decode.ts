/**
 * Published decode on wafers, batch 1, half precision.
 *
 * WSE-2: WaferLLM (arXiv 2502.04563v3) Table 4, context 4,096, no head; cycles of a layer are those
 * of 1 / (tokens/s * layers) at 1.1 GHz. Elements of a PE follow from the sizes padded to the side
 * of the grid. WSE-3: the vendor's service without speculation, launch of 27 August 2024.
 */
export interface WaferDecodeRow {
  readonly model: string;
  readonly layerCount: number;
  /** PEs along each side of the square grid. */
  readonly side: number;
  readonly tokensPerS: number;
  /** Measured on some of the layers and scaled. */
  readonly isScaled: boolean;
  readonly perPe: { readonly hidden: number; readonly ffn: number; readonly context: number };
}

export const WSE2_DECODE: readonly WaferDecodeRow[] = [
  {
    model: 'Llama 3 8B',
    layerCount: 32,
    side: 420,
    tokensPerS: 2699.9,
    isScaled: false,
    perPe: { hidden: 10, ffn: 35, context: 10 },
  },
  {
    model: 'Llama 3 8B',
    layerCount: 32,
    side: 660,
    tokensPerS: 2243.3,
    isScaled: false,
    perPe: { hidden: 7, ffn: 22, context: 7 },
  },
  {
    model: 'Llama 2 13B',
    layerCount: 40,
    side: 420,
    tokensPerS: 2039.2,
    isScaled: false,
    perPe: { hidden: 13, ffn: 33, context: 10 },
  },
  {
    model: 'Llama 2 13B',
    layerCount: 40,
    side: 660,
    tokensPerS: 1739.8,
    isScaled: false,
    perPe: { hidden: 8, ffn: 21, context: 7 },
  },
  {
    model: 'CodeLlama 34B',
    layerCount: 48,
    side: 420,
    tokensPerS: 1450.8,
    isScaled: true,
    perPe: { hidden: 20, ffn: 53, context: 10 },
  },
  {
    model: 'CodeLlama 34B',
    layerCount: 48,
    side: 660,
    tokensPerS: 1359.2,
    isScaled: true,
    perPe: { hidden: 13, ffn: 34, context: 7 },
  },
  {
    model: 'Qwen2 72B',
    layerCount: 80,
    side: 420,
    tokensPerS: 839.7,
    isScaled: true,
    perPe: { hidden: 20, ffn: 71, context: 10 },
  },
  {
    model: 'Qwen2 72B',
    layerCount: 80,
    side: 660,
    tokensPerS: 787.1,
    isScaled: true,
    perPe: { hidden: 13, ffn: 45, context: 7 },
  },
];

export interface ServiceRow {
  readonly model: string;
  readonly systems: number;
  readonly tokensPerS: number;
}

export const WSE3_SERVICE: readonly ServiceRow[] = [
  { model: 'Llama 3.1 8B', systems: 1, tokensPerS: 1800 },
  { model: 'Llama 3.1 70B', systems: 4, tokensPerS: 450 },
];
