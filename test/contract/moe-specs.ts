/**
 * Small models with experts: together they use every option of the router and of an expert.
 */
import type { ExpertSpec, LayerSpec, ModelSpec, RouterSpec } from '@wafer/core';
import { SYNTHETIC_SPECS } from '@wafer/models';

const DENSE: LayerSpec = { sees: 'all', isRotated: true, ffn: 'dense' };
const EXPERTS: LayerSpec = { ...DENSE, ffn: 'experts' };

const ROUTER: RouterSpec = {
  score: 'softmax',
  hasBias: false,
  hasSelectionBias: false,
  groups: undefined,
  weights: 'normalized',
  scale: 1,
};

// Uneven on purpose: widths that are no multiple of a panel, experts that no grid divides.
function moe(
  experts: Partial<Omit<ExpertSpec, 'router'>>,
  router: Partial<RouterSpec>,
  more: Partial<ModelSpec> = {},
): ModelSpec {
  const tiny = SYNTHETIC_SPECS['tiny']!;
  return {
    ...tiny,
    vocabCount: 301,
    modelWidth: 96,
    layerCount: 2,
    headCount: 6,
    kvHeadCount: 3,
    headWidth: 16,
    ffnWidth: 160,
    rope: { ...tiny.rope, rotaryWidth: 16 },
    layers: { leading: [], repeating: [EXPERTS] },
    experts: {
      expertCount: 9,
      chosenCount: 3,
      expertWidth: 64,
      sharedWidth: 0,
      weighsInput: false,
      hasBias: false,
      ...experts,
      router: { ...ROUTER, ...router },
    },
    ...more,
  };
}

/** By the family that routes so. */
export const MOE_SPECS = {
  qwen3: moe({}, {}),
  mixtral: moe(
    { expertCount: 5, chosenCount: 2, expertWidth: 224 },
    { score: 'none', weights: 'softmax' },
  ),
  gptOss: moe(
    { hasBias: true },
    { score: 'none', weights: 'softmax', hasBias: true },
    {
      activation: { kind: 'clamped', alpha: 1.702, limit: 0.75 },
      layers: { leading: [DENSE], repeating: [EXPERTS] },
    },
  ),
  llama4: moe(
    { chosenCount: 1, sharedWidth: 96, weighsInput: true },
    { score: 'sigmoid', weights: 'scores' },
    { layers: { leading: [], repeating: [DENSE, EXPERTS] } },
  ),
  glm: moe(
    { expertCount: 12, chosenCount: 4, sharedWidth: 64 },
    {
      score: 'sigmoid',
      hasSelectionBias: true,
      groups: { count: 3, keptCount: 2 },
      scale: 2.5,
    },
    { layers: { leading: [DENSE], repeating: [EXPERTS] } },
  ),
} as const;

export type MoeFamily = keyof typeof MOE_SPECS;
export const MOE_FAMILIES = Object.keys(MOE_SPECS) as readonly MoeFamily[];
