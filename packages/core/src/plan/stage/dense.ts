/**
 * A dense feed-forward layer up to its hidden columns: norm, gate, up, gated activation.
 */
import type { StageFrame } from './frame.ts';

/** Writes gate, up and the activation into the programs; each tile has its hidden columns. */
export function emitHidden(frame: StageFrame, layer: number): void {
  const { ffnWidth } = frame.context.spec;
  const prefix = `layers.${layer}`;
  frame.members.tiles.forEach((tile, member) => {
    const rows = frame.shares.hidden[member]!;
    if (rows.count === 0) return;
    const source = frame.emitNorm(tile, `${prefix}.ffnNorm`, frame.x(tile));
    const gate = frame.rows(tile, 'gate', rows.count);
    const up = frame.rows(tile, 'up', rows.count);
    const launch = tile.launch();
    frame.emitLinear(tile, `${prefix}.gate`, { source, target: gate, rows, launch });
    frame.emitLinear(tile, `${prefix}.up`, { source, target: up, rows, launch });
    const target = frame.slice(tile, 'hidden', ffnWidth, rows);
    tile.emit({ op: 'swiglu', target, gate, up, count: rows.count });
  });
}
