/**
 * Writes the register blocks of attention: four rows of one KV head against one KV block.
 *
 *   scores   p[4][16] = (q · k) · scale      chains over headWidth, tokens side by side
 *   values   out[4][width] = out · kept + Σ p · v      chains over tokens, elements side by side
 *
 * Eight sums of 128 bits fit the registers, or eight of 256 (`wide`): 4 × 8 or 4 × 16. Loads and
 * stores come in pairs at +0 and +16, and all loads of a target before its stores, so that V8 can
 * fuse them.
 */

const ROWS = 4;
const WIDTHS = [8, 16] as const;

/** The AssemblyScript source of all blocks. */
export function attentionBlocksSource(): string {
  return `${[
    '/** Register blocks, written by scripts/attention-blocks.ts; do not edit. */',
    "import { madd } from '../fma';",
    ...WIDTHS.map(scoresSource),
    ...WIDTHS.map(valuesSource),
  ].join('\n\n')}\n`;
}

function scoresSource(width: number): string {
  const vectors = range(width / 4);
  const rows = range(ROWS);
  const sums = rows.flatMap((t) => vectors.map((v) => ({ t, v, name: `s${t}_${v}` })));
  return [
    `/** 4 rows × ${width} tokens. p: [4][16]; k: [headWidth][16]. */`,
    `export function scores${width}(p: usize, q0: usize, q1: usize, q2: usize, q3: usize,`,
    '  k: usize, headWidth: i32, scale: f32): void {',
    ...sums.map(({ name }) => `  let ${name} = f32x4.splat(0);`),
    '  for (; headWidth > 0; headWidth--) {',
    ...vectors.map((v) => `    const k${v} = v128.load(k, ${16 * v});`),
    ...rows.flatMap((t) => [
      `    const i${t} = v128.load32_splat(q${t});`,
      ...vectors.map((v) => `    s${t}_${v} = madd(k${v}, i${t}, s${t}_${v});`),
    ]),
    ...rows.map((t) => `    q${t} += 4;`),
    '    k += 64;',
    '  }',
    '  const factor = f32x4.splat(scale);',
    ...sums.map(
      ({ t, v, name }) => `  v128.store(p, f32x4.mul(${name}, factor), ${64 * t + 16 * v});`,
    ),
    '}',
  ].join('\n');
}

function valuesSource(width: number): string {
  const vectors = range(width / 4);
  const rows = range(ROWS);
  const sums = rows.flatMap((t) => vectors.map((v) => ({ t, v, name: `s${t}_${v}` })));
  return [
    `/** 4 rows × ${width} elements. p: [4][16]; kept: [4]; v: [tokens][rowBytes]. */`,
    `export function values${width}(out0: usize, out1: usize, out2: usize, out3: usize, p: usize,`,
    '  kept: usize, v: usize, rowBytes: usize, tokens: i32): void {',
    ...rows.map((t) => `  const kept${t} = v128.load32_splat(kept, ${4 * t});`),
    ...sums.map(({ t, v, name }) => {
      const loaded = `v128.load(out${t}, ${16 * v})`;
      return `  let ${name} = f32x4.mul(${loaded}, kept${t});`;
    }),
    ...rows.slice(1).map((t) => `  let p${t} = p + ${64 * t};`),
    '  for (; tokens > 0; tokens--) {',
    ...vectors.map((v) => `    const v${v} = v128.load(v, ${16 * v});`),
    ...rows.flatMap((t) => [
      `    const i${t} = v128.load32_splat(${t === 0 ? 'p' : `p${t}`});`,
      ...vectors.map((v) => `    s${t}_${v} = madd(v${v}, i${t}, s${t}_${v});`),
    ]),
    ...rows.map((t) => `    ${t === 0 ? 'p' : `p${t}`} += 4;`),
    '    v += rowBytes;',
    '  }',
    ...sums.map(({ t, v, name }) => `  v128.store(out${t}, ${name}, ${16 * v});`),
    '}',
  ].join('\n');
}

function range(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}
