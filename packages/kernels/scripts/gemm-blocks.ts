/**
 * Writes the register blocks of the matrix × matrix kernels: some tokens × some outputs.
 *
 * A block walks `count` inputs of a panel of f32 weights, [k][32 outputs], with all its sums in
 * registers. `chain` blocks continue the sums that y holds; `scaled` blocks start at +0 and join
 * y: y = sum · scale + y; `shifted` ones do too, then y = xSum · minimum + y. Loads and stores come
 * in pairs at +0 and +16 from one address, so that V8 can fuse two halves into 256 bits where asked
 * to (`wide`). `narrow` blocks are chains over panels of 16 outputs, [k][16], as low ranks have.
 *
 *   narrow  12 sums, 2 weights, 1 input fill 15 registers of 128 bits      6 × 8 outputs
 *   wide    the same of 256 bits                                          6 × 16 outputs
 */

/** Outputs per block, by tokens. */
const NARROW: Readonly<Record<number, number>> = { 1: 32, 2: 16, 3: 8, 4: 8, 5: 8, 6: 8 };
const WIDE: Readonly<Record<number, number>> = { 1: 32, 2: 32, 3: 16, 4: 16, 5: 16, 6: 16 };

const TOKENS_MAX = 6;

/** Outputs of the panels of low ranks, and the tokens of a block over them. */
const LOW_RANK_PANEL = 16;
const LOW_RANK_TOKENS = 4;

type Kind = 'chain' | 'narrow' | 'scaled' | 'shifted';

/** The AssemblyScript source of all blocks and of their dispatch. */
export function gemmBlocksSource(): string {
  const parts = [
    '/** Register blocks, written by scripts/gemm-blocks.ts; do not edit. */',
    "import { madd } from '../fma';",
    "import { WIDE } from '../wide';",
  ];
  for (const kind of ['chain', 'scaled', 'shifted'] as const) {
    const done = new Set<string>();
    for (const outputs of [NARROW, WIDE]) {
      for (let tokens = 1; tokens <= TOKENS_MAX; tokens++) {
        const width = outputs[tokens] as number;
        const name = blockName(kind, tokens, width);
        if (!done.has(name)) parts.push(blockSource(kind, tokens, width));
        done.add(name);
      }
    }
    parts.push(dispatchSource(kind));
  }
  const tokens = range(LOW_RANK_TOKENS).map((t) => t + 1);
  parts.push(...tokens.map((t) => blockSource('narrow', t, LOW_RANK_PANEL)), narrowSource(tokens));
  return `${parts.join('\n\n')}\n`;
}

function blockName(kind: Kind, tokens: number, width: number): string {
  return `${kind}${tokens}x${width}`;
}

const PARAMETERS = 'y: usize, yStride: usize, w: usize, x: usize, xStride: usize, count: i32';

/** Whether a block goes on from what y holds. */
function isChain(kind: Kind): boolean {
  return kind === 'chain' || kind === 'narrow';
}

function parametersOf(kind: Kind): string {
  if (isChain(kind)) return PARAMETERS;
  const scaled = `${PARAMETERS}, scale: usize`;
  return kind === 'scaled' ? scaled : `${scaled}, minimum: usize, xSum: usize, sumStride: usize`;
}

function blockSource(kind: Kind, tokens: number, width: number): string {
  const vectors = range(width / 4);
  const rows = range(tokens);
  const sums = rows.flatMap((t) => vectors.map((v) => ({ t, v, name: `s${t}_${v}` })));
  return [
    `/** ${tokens} tokens × ${width} outputs. */`,
    `function ${blockName(kind, tokens, width)}(${parametersOf(kind)}): void {`,
    ...rows.slice(1).map((t) => `  const y${t} = ${row('y', t - 1)} + yStride;`),
    ...rows.slice(1).map((t) => `  let x${t} = ${row('x', t - 1)} + xStride;`),
    ...sums.map(({ t, v, name }) => {
      const first = !isChain(kind) ? 'f32x4.splat(0)' : `v128.load(${row('y', t)}, ${16 * v})`;
      return `  let ${name} = ${first};`;
    }),
    '  for (; count > 0; count--) {',
    ...vectors.map((v) => `    const w${v} = v128.load(w, ${16 * v});`),
    ...rows.flatMap((t) => [
      `    const i${t} = v128.load32_splat(${row('x', t)});`,
      ...vectors.map((v) => `    s${t}_${v} = madd(w${v}, i${t}, s${t}_${v});`),
    ]),
    ...rows.map((t) => `    ${row('x', t)} += 4;`),
    `    w += ${4 * (kind === 'narrow' ? LOW_RANK_PANEL : 32)};`,
    '  }',
    ...(isChain(kind) ? [] : sums.map(({ t, v, name }) => joinSource(row('y', t), v, name))),
    ...(kind === 'shifted' ? rows.flatMap((t) => shiftSource(t, vectors)) : []),
    ...sums.map(({ t, v, name }) => `  v128.store(${row('y', t)}, ${name}, ${16 * v});`),
    '}',
  ].join('\n');
}

/** All loads of y come before all stores: V8 fuses no loads across a store. */
function joinSource(y: string, vector: number, sum: string): string {
  const offset = 16 * vector;
  return `  ${sum} = madd(${sum}, v128.load(scale, ${offset}), v128.load(${y}, ${offset}));`;
}

/** Adds the minima, each times its token's sum of x. */
function shiftSource(token: number, vectors: number[]): string[] {
  const sum = token === 0 ? 'xSum' : `xSum + ${token} * sumStride`;
  return [
    `  const m${token} = v128.load32_splat(${sum});`,
    ...vectors.map((v) => {
      const name = `s${token}_${v}`;
      return `  ${name} = madd(m${token}, v128.load(minimum, ${16 * v}), ${name});`;
    }),
  ];
}

/** `addChain`, `addScaled` and `addShifted`: all 32 outputs of a panel for 1 to 6 tokens. */
function dispatchSource(kind: Kind): string {
  const name = `add${kind.charAt(0).toUpperCase()}${kind.slice(1)}`;
  const cases = (outputs: Readonly<Record<number, number>>, indent: string): string[] =>
    range(TOKENS_MAX).map((t) => {
      const width = outputs[t + 1] as number;
      const calls = range(32 / width).map((i) => callSource(kind, t + 1, width, i));
      return `${indent}if (tokens === ${t + 1}) { ${calls.join(' ')} return; }`;
    });
  const tokens = `tokens: i32, ${parametersOf(kind)}`;
  return [
    `/** Adds \`count\` inputs to 32 outputs of 1 to ${TOKENS_MAX} tokens. */`,
    `export function ${name}(${tokens}): void {`,
    '  if (WIDE) {',
    ...cases(WIDE, '    '),
    '  }',
    ...cases(NARROW, '  '),
    '}',
  ].join('\n');
}

/** `addNarrow`: the 16 outputs of a panel for 1 to 4 tokens. */
function narrowSource(tokens: readonly number[]): string {
  const calls = tokens.map((t) => {
    const call = callSource('narrow', t, LOW_RANK_PANEL, 0);
    return `  if (tokens === ${t}) { ${call} return; }`;
  });
  return [
    `/** Adds \`count\` inputs to 16 outputs of 1 to ${LOW_RANK_TOKENS} tokens. */`,
    `export function addNarrow(tokens: i32, ${PARAMETERS}): void {`,
    ...calls,
    '}',
  ].join('\n');
}

function callSource(kind: Kind, tokens: number, width: number, index: number): string {
  const at = (name: string): string => (index ? `${name} + ${index * width * 4}` : name);
  const shift = kind === 'shifted' ? `, ${at('minimum')}, xSum, sumStride` : '';
  const scale = isChain(kind) ? '' : `, ${at('scale')}${shift}`;
  const name = blockName(kind, tokens, width);
  return `${name}(${at('y')}, yStride, ${at('w')}, x, xStride, count${scale});`;
}

/** The pointer to row `t`: the first has no number. */
function row(name: string, t: number): string {
  return t === 0 ? name : `${name}${t}`;
}

function range(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}
