/**
 * Mistral: Llama whose layers all see a sliding window, where the config has one.
 *
 * Source: transformers, configuration_mistral.py.
 */
import { hfBase, LLAMA_DEFAULTS, readHfBase, USUAL_SIZES } from './hf-base.ts';
import { readWindow } from './hf-layers.ts';
import type { FamilyFiles } from './family.ts';
import { LLAMA_GGUF } from './llama.ts';
import { HF_NAMES } from './tensor-places.ts';
import { DENSE, tinyLayers, PLAIN, WINDOW_TOKENS } from './tiny-shape.ts';

/** MistralConfig's window where the field is absent. */
const USUAL_WINDOW = 4096;

export const MISTRAL: FamilyFiles = {
  family: 'mistral',
  tiny: {
    ...PLAIN,
    family: 'mistral',
    ...tinyLayers(() => ({ ...DENSE, sees: 'window' })),
    attention: { ...PLAIN.attention, windowTokens: WINDOW_TOKENS },
  },
  hf: {
    architectures: ['MistralForCausalLM'],
    modelType: 'mistral',
    layout: 'halves',
    names: HF_NAMES,
    usualSizes: { ...USUAL_SIZES, intermediate_size: 14_336, vocab_size: 32_000 },
    read(fields) {
      const defaults = { ...LLAMA_DEFAULTS, contextMax: 131_072, kvHeadCount: 8 };
      const spec = readHfBase(fields, { family: 'mistral', layout: 'halves' }, defaults);
      const windowTokens = readWindow(fields, 'sliding_window', USUAL_WINDOW);
      if (windowTokens === undefined) return spec;
      return {
        ...spec,
        layers: { leading: [], repeating: [{ sees: 'window', isRotated: true, ffn: 'dense' }] },
        attention: { ...spec.attention, windowTokens },
      };
    },
    write(spec) {
      const { windowTokens } = spec.attention;
      return { ...hfBase(spec), sliding_window: windowTokens > 0 ? windowTokens : null };
    },
  },
  gguf: LLAMA_GGUF,
};
