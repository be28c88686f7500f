/**
 * Writes the register blocks of the 8-bit kernels: up to 4 tokens × some outputs × 32 inputs.
 *
 * Weights are rows [32 outputs] of 32-bit words that hold neighboring inputs, as those of x do:
 *
 *   q8_0   16 rows, two inputs of 16 bits; products summed in i32
 *   q4_0   8 rows, four inputs of 8 bits, 0 … 15 (q + 8); products summed by twos in i16, which
 *          over a block stay within 8 · 2 · 15 · 127 = 30,480; then in i32, less 8 times Σ x
 *
 * The one relaxed operation has 0 … 15 on its 7-bit side, where all machines give the same. Rows
 * are not unrolled: the compiler would sum several rows per token at once, and spill.
 *
 *   narrow  8 sums, 2 weights, 1 input, 1 product fill 12 registers   4 × 8 outputs
 *   wide    the same of 256 bits                                      4 × 16 outputs
 */

const TOKENS_MAX = 4;
const PANEL_ROW_BYTES = 128;
const GROUP_ROW_BYTES = 16; // words of 4 tokens
const FACTOR_BYTES = 8;

type Kind = 'q8' | 'q4';

const ROWS: Readonly<Record<Kind, number>> = { q8: 16, q4: 8 };
const WIDTHS = { narrow: 8, wide: 16 };

/** The AssemblyScript source of all blocks and of their dispatch. */
export function int8BlocksSource(): string {
  const parts = [
    '/** Register blocks, written by scripts/int8-blocks.ts; do not edit. */',
    "import { addProducts, scaled } from '../int8-sums';",
    "import { WIDE } from '../wide';",
  ];
  for (const kind of ['q8', 'q4'] as const) {
    for (const width of Object.values(WIDTHS)) {
      for (const tokens of TOKEN_COUNTS) parts.push(blockSource(kind, tokens, width));
    }
    parts.push(dispatchSource(kind));
  }
  return `${parts.join('\n\n')}\n`;
}

const TOKEN_COUNTS = range(TOKENS_MAX).map((t) => t + 1);
const PARAMETERS = 'y: usize, w: usize, x: usize, factors: usize, scales: usize';

function blockSource(kind: Kind, tokens: number, width: number): string {
  const vectors = range(width / 4);
  const sums = range(tokens).flatMap((t) => vectors.map((v) => ({ t, v, name: `s${t}_${v}` })));
  return [
    `/** ${tokens} tokens × ${width} outputs. */`,
    `function ${kind}Block${tokens}x${width}(${PARAMETERS}): void {`,
    ...sums.map(({ name }) => `  let ${name} = i32x4.splat(0);`),
    `  for (let i = ${ROWS[kind]}; i > 0; i--) {`,
    ...vectors.map((v) => `    const w${v} = v128.load(w, ${16 * v});`),
    ...range(tokens).flatMap((t) => [
      // Spread by the load: a shuffle would take a turn of the adders.
      `    const i${t} = v128.load32_splat(x, ${4 * t});`,
      ...vectors.map((v) => {
        const sum = `s${t}_${v}`;
        return `    ${sum} = addProducts(${isNibbles(kind)}, w${v}, i${t}, ${sum});`;
      }),
    ]),
    `    w += ${PANEL_ROW_BYTES};`,
    `    x += ${GROUP_ROW_BYTES};`,
    '  }',
    ...vectors.map((v) => `  const f${v} = v128.load(scales, ${16 * v});`),
    // All loads of y come before all stores: V8 fuses no loads across a store.
    ...sums.map(({ t, v, name }) => {
      const y = `v128.load(y, ${t * PANEL_ROW_BYTES + 16 * v})`;
      return `  ${name} = scaled(${isNibbles(kind)}, ${name}, f${v}, ${factorsOf(t)}, ${y});`;
    }),
    ...sums.map(({ t, v, name }) => `  v128.store(y, ${name}, ${t * PANEL_ROW_BYTES + 16 * v});`),
    '}',
  ].join('\n');
}

/** `addQ8Block` and `addQ4Block`: all 32 outputs of a panel for 1 to 4 tokens. */
function dispatchSource(kind: Kind): string {
  const cases = (width: number, indent: string): string[] =>
    TOKEN_COUNTS.map((tokens) => {
      const calls = range(32 / width).map((i) => {
        const at = (name: string): string => (i ? `${name} + ${i * width * 4}` : name);
        const pointers = `${at('y')}, ${at('w')}, x, factors, ${at('scales')}`;
        return `${kind}Block${tokens}x${width}(${pointers});`;
      });
      return `${indent}if (tokens === ${tokens}) { ${calls.join(' ')} return; }`;
    });
  return [
    `/** Adds a block of 32 inputs to 32 outputs of 1 to ${TOKENS_MAX} tokens. */`,
    `export function add${kind.toUpperCase()}Block(tokens: i32, ${PARAMETERS}): void {`,
    '  if (WIDE) {',
    ...cases(WIDTHS.wide, '    '),
    '  }',
    ...cases(WIDTHS.narrow, '  '),
    '}',
  ].join('\n');
}

function factorsOf(token: number): string {
  return token === 0 ? 'factors' : `factors + ${token * FACTOR_BYTES}`;
}

function isNibbles(kind: Kind): boolean {
  return kind === 'q4';
}

function range(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}
