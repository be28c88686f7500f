/**
 * What a network does beyond plain layers, as lines of `wafer inspect`: nothing for Llama.
 */
import type { ExpertSpec, LayerSpec, ModelSpec } from '@wafer/core';

type Line = [string, string];

/** Lines on layers, attention, experts and activation, where they are not the plain ones. */
export function networkLines(spec: ModelSpec): Line[] {
  const { attention, activation, experts } = spec;
  return [
    ...layerLines(spec),
    ...attentionLines(spec),
    ...(spec.hasPostNorms ? [['post norms', 'after attention and feed-forward'] as Line] : []),
    ...(experts ? expertLines(experts) : []),
    ...(activation.kind === 'clamped'
      ? [['activation', `clamped at ${activation.limit}, alpha ${activation.alpha}`] as Line]
      : []),
    ...(attention.hasSinks ? [['sinks', 'one score per head'] as Line] : []),
  ];
}

function layerLines({ layers, attention }: ModelSpec): Line[] {
  const { leading, repeating } = layers;
  const text = (layer: LayerSpec): string => layerText(layer, attention.windowTokens);
  const isPlain = [...leading, ...repeating].every((layer) => text(layer) === 'dense');
  if (isPlain) return [];
  return [
    ...(leading.length > 0 ? [['first layers', runs(leading.map(text))] as Line] : []),
    [leading.length > 0 ? 'later layers' : 'pattern', runs(repeating.map(text))],
  ];
}

/** `3 × dense, experts`: what repeats is counted. */
function runs(texts: readonly string[]): string {
  const parts: { text: string; count: number }[] = [];
  for (const text of texts) {
    const last = parts.at(-1);
    if (last?.text === text) last.count++;
    else parts.push({ text, count: 1 });
  }
  return parts.map(({ text, count }) => (count > 1 ? `${count} × ${text}` : text)).join(', ');
}

function layerText({ sees, isRotated, ffn }: LayerSpec, windowTokens: number): string {
  const reach = sees === 'all' ? '' : ` in ${sees}s of ${windowTokens}`;
  return `${ffn}${reach}${isRotated ? '' : ' without rotation'}`;
}

function attentionLines({ attention }: ModelSpec): Line[] {
  const { queryKeyNorm, temperature } = attention;
  const lines: Line[] = [];
  if (queryKeyNorm !== 'none') {
    const gains = queryKeyNorm === 'learned' ? 'with gains' : 'without gains, after rotation';
    lines.push(['head norms', gains]);
  }
  if (temperature) {
    const { scale, floorTokens } = temperature;
    const growth = `1 + ${scale} · ln(1 + ⌊(p + 1) / ${floorTokens}⌋)`;
    lines.push(['temperature', `${growth} without rotation`]);
  }
  return lines;
}

function expertLines(experts: ExpertSpec): Line[] {
  const { expertCount, chosenCount, expertWidth, sharedWidth, weighsInput, router } = experts;
  const { score, weights, scale, groups, hasBias, hasSelectionBias } = router;
  const shared = sharedWidth > 0 ? `, and one of ${sharedWidth} for all tokens` : '';
  const parts = [
    score === 'none' ? 'logits' : `${score} of logits`,
    ...(hasBias ? ['with bias'] : []),
    ...(hasSelectionBias ? ['a bias for the choice'] : []),
    ...(groups ? [`from ${groups.keptCount} of ${groups.count} groups`] : []),
    `weights: ${weights}`,
    ...(scale === 1 ? [] : [`times ${scale}`]),
    ...(weighsInput ? ['at the input'] : []),
  ];
  return [
    ['experts', `${chosenCount} of ${expertCount}, ${expertWidth} wide${shared}`],
    ['router', parts.join(', ')],
  ];
}
