/**
 * Writes the register blocks of training: some rows of A times a panel of B, [count][16].
 *
 *   c[r][16] = Σ_i a[r][i] · b[i][16]       one chain per sum, over ascending i
 *
 * Rows of A start `aRow` bytes apart, its elements lie `aStep` apart, and after each `inner` of
 * them comes a jump: so A may be a matrix, its transpose, or panels of 16 tokens. `start` begins at
 * +0, `more` with what c holds, `join` adds the finished chain to c. Loads and stores come in pairs
 * at +0 and +16, all loads of c before its stores, so that V8 can fuse two halves into 256 bits.
 */

const ROWS_MAX = 6;
const WIDTHS = [8, 16] as const;
const KINDS = ['start', 'more', 'join'] as const;

type Kind = (typeof KINDS)[number];

const PARAMETERS = [
  'c: usize, cStride: usize, a: usize, aRow: usize, aStep: usize, b: usize,',
  'count: i32, inner: i32, jump: usize',
];

/** The AssemblyScript source of all blocks and of their dispatch. */
export function trainBlocksSource(): string {
  const blocks = KINDS.flatMap((kind) =>
    WIDTHS.flatMap((width) => range(ROWS_MAX).map((r) => blockSource(kind, r + 1, width))),
  );
  return `${[
    '/** Register blocks of training, written by scripts/train-blocks.ts; do not edit. */',
    "import { madd } from '../fma';\nimport { WIDE } from '../wide';",
    ...blocks,
    ...KINDS.map(dispatchSource),
  ].join('\n\n')}\n`;
}

function nameOf(kind: Kind, rows: number, width: number): string {
  return `${kind}${rows}x${width}`;
}

function blockSource(kind: Kind, rowCount: number, width: number): string {
  const vectors = range(width / 4);
  const rows = range(rowCount);
  const sums = rows.flatMap((r) => vectors.map((v) => ({ r, v, name: `s${r}_${v}` })));
  const at = ({ r, v }: { r: number; v: number }): string => `v128.load(${row('c', r)}, ${16 * v})`;
  return [
    `/** ${rowCount} rows × ${width} columns. */`,
    `function ${nameOf(kind, rowCount, width)}(`,
    ...PARAMETERS.map((line) => `  ${line}`),
    '): void {',
    ...rows.slice(1).map((r) => `  const c${r} = ${row('c', r - 1)} + cStride;`),
    ...rows.slice(1).map((r) => `  let a${r} = ${row('a', r - 1)} + aRow;`),
    ...sums.map((sum) => `  let ${sum.name} = ${kind === 'more' ? at(sum) : 'f32x4.splat(0)'};`),
    '  while (true) {',
    '    let turns = min(inner, count);',
    '    count -= turns;',
    '    for (; turns > 0; turns--) {',
    ...vectors.map((v) => `      const b${v} = v128.load(b, ${16 * v});`),
    ...rows.flatMap((r) => [
      `      const i${r} = v128.load32_splat(${row('a', r)});`,
      ...vectors.map((v) => `      s${r}_${v} = madd(b${v}, i${r}, s${r}_${v});`),
    ]),
    ...rows.map((r) => `      ${row('a', r)} += aStep;`),
    '      b += 64;',
    '    }',
    '    if (count <= 0) break;',
    ...rows.map((r) => `    ${row('a', r)} += jump;`),
    '  }',
    ...(kind === 'join'
      ? sums.map((sum) => `  ${sum.name} = f32x4.add(${at(sum)}, ${sum.name});`)
      : []),
    ...sums.map(({ r, v, name }) => `  v128.store(${row('c', r)}, ${name}, ${16 * v});`),
    '}',
  ].join('\n');
}

/** `startBlock`, `moreBlock`, `joinBlock`: 1 to 6 rows × 16 columns. */
function dispatchSource(kind: Kind): string {
  const call = (rows: number, width: number, from: number): string => {
    const [c, b] = from === 0 ? ['c', 'b'] : [`c + ${from * 4}`, `b + ${from * 4}`];
    const name = nameOf(kind, rows, width);
    return `${name}(${c}, cStride, a, aRow, aStep, ${b}, count, inner, jump);`;
  };
  const descending = range(ROWS_MAX).map((r) => ROWS_MAX - r);
  return [
    `/** ${kind}: 1 to ${ROWS_MAX} rows × 16 columns. */`,
    `export function ${kind}Block(`,
    '  rows: i32,',
    ...PARAMETERS.map((line) => `  ${line}`),
    '): void {',
    '  if (WIDE) {',
    ...descending.map((rows) => `    if (rows === ${rows}) { ${call(rows, 16, 0)} return; }`),
    '  }',
    ...descending.map(
      (rows) => `  if (rows === ${rows}) { ${call(rows, 8, 0)} ${call(rows, 8, 8)} return; }`,
    ),
    '}',
  ].join('\n');
}

/** The pointer to row `r`: the first has no number. */
function row(name: string, r: number): string {
  return r === 0 ? name : `${name}${r}`;
}

function range(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}
