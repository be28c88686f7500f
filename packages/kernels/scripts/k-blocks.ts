/**
 * Writes the inner loops of the K-quants: 32 outputs × one group of inputs.
 *
 * A panel keeps the integers of an output in 32-bit words, 32 outputs side by side (a row of 128
 * bytes), so that neighboring lanes, and halves of 256 bits, are treated alike. A group owns a
 * byte, a half or all of the words of some rows; each is a body of some fields. Inputs that are
 * left over are put together from the bits that bodies leave:
 *
 *   q2_k  4 groups: a byte each of 4 rows    4 fields of 2 bits
 *   q3_k  2 groups: a half of 3 rows         5 fields of 3 bits from the top, bit 0 to spare
 *   q4_k  2 groups: a half of 8 rows         4 fields of 4 bits
 *   q5_k  2 groups: a half of 10 rows        3 fields of 5 bits, bit 15 to spare
 *   q6_k  1 group: 3 rows                    5 fields of 6 bits from the top, bits 0 and 1 to spare
 *
 * Unsigned fields stay where they are: `and` and a conversion give q · 2^place, and the one token
 * of `vector` comes as x · unit / 2^place, so that each product is q · unit · x. Signed fields move
 * to the top. The group's part of a word is chosen by the address `w`, never by a shift: unsigned
 * parts start at the lowest bit, signed ones end at the highest, and the rest is masked. So are the
 * two bytes of a half of q4_k, for which two masks do.
 */

interface KBlock {
  name: string;
  group: number;
  /** Bodies of a group, and inputs of each. */
  bodies: number;
  fields: number;
  /** Fields of a load: the next ones come from a byte later. Default: all. */
  fieldsPerLoad?: number;
  /** Bits of a field. */
  bits: number;
  isSigned: boolean;
  /** Bits of a body that hold inputs left over. */
  spare?: string;
  /** Groups that share rows of words; each starts `partBytes` after the one before. */
  sharing: number;
  partBytes: number;
  /** Where integers, s and m begin in a panel's block. */
  integers: number;
  s: number;
  m: number;
  /** The bits of s and m in their words. */
  sMask: string;
  mMask: string;
  /** Inputs left over: vector `i` of 8 as integer · unit. */
  rest: ((i: number) => string)[];
  hasMinima: boolean;
}

/** The spare bits of body `b`, vector `i`. */
function spareOf(b: number, i: number): string {
  return `v128.and(v128.load(w, ${128 * b + 16 * i}), spare)`;
}

const BLOCKS: readonly KBlock[] = [
  {
    name: 'Q2_K',
    group: 16,
    bodies: 4,
    fields: 4,
    bits: 2,
    isSigned: false,
    sharing: 4,
    partBytes: 1,
    integers: 576,
    s: 64,
    m: 64,
    sMask: '0x0f',
    mMask: '0xf0',
    rest: [],
    hasMinima: true,
  },
  {
    name: 'Q3_K',
    group: 16,
    bodies: 3,
    fields: 5,
    bits: 3,
    isSigned: true,
    spare: '0x10000',
    sharing: 2,
    partBytes: 2,
    integers: 574,
    s: 61,
    m: 0,
    sMask: '0xff000000',
    mMask: '',
    rest: [(i) => orAll(range(3).map((b) => `i32x4.shl(${spareOf(b, i)}, ${13 + b})`))],
    hasMinima: false,
  },
  {
    name: 'Q4_K',
    group: 32,
    bodies: 8,
    fields: 4,
    fieldsPerLoad: 2, // two masks less: with four, V8 spills a sum
    bits: 4,
    isSigned: false,
    sharing: 2,
    partBytes: 2,
    integers: 576,
    s: 64,
    m: 320,
    sMask: '0xff',
    mMask: '0xff',
    rest: [],
    hasMinima: true,
  },
  {
    name: 'Q5_K',
    group: 32,
    bodies: 10,
    fields: 3,
    bits: 5,
    isSigned: false,
    spare: '0x8000',
    sharing: 2,
    partBytes: 2,
    integers: 576,
    s: 64,
    m: 320,
    sMask: '0xff',
    mMask: '0xff',
    rest: [0, 5].map((first) => (i) => {
      return orAll(range(5).map((b) => `i32x4.shr_u(${spareOf(first + b, i)}, ${5 - b})`));
    }),
    hasMinima: true,
  },
  {
    name: 'Q6_K',
    group: 16,
    bodies: 3,
    fields: 5,
    bits: 6,
    isSigned: true,
    spare: '3',
    sharing: 1,
    partBytes: 0,
    integers: 576,
    s: 61,
    m: 0,
    sMask: '0xff000000',
    mMask: '',
    rest: [(i) => orAll(range(3).map((b) => `i32x4.shl(${spareOf(b, i)}, ${26 + 2 * b})`))],
    hasMinima: false,
  },
];

function orAll(parts: readonly string[]): string {
  return parts.reduce((all, part) => `v128.or(${all}, ${part})`);
}

/** The AssemblyScript source of all loops. */
export function kBlocksSource(): string {
  return `${[
    '/** Loops of the K-quants, written by scripts/k-blocks.ts; do not edit. */',
    "import { madd } from '../fma';",
    ...BLOCKS.flatMap((block) => [vectorSource(block), decodeSource(block)]),
  ].join('\n\n')}\n`;
}

const VECTORS = range(8);

/** A block of 256 inputs: groups in ascending order, each joined to y. */
function vectorSource(block: KBlock): string {
  const { name, group, fields, rest, hasMinima } = block;
  return [
    '/** y += one token × 256 inputs; y: [32] f32. factors: d / unit, -dmin, [2][32] f32. */',
    `export function vector${name}(`,
    '  y: usize, block: usize, x: usize, sums: usize, factors: usize, hidden: i32,',
    '): void {',
    ...constantLines(block, !block.isSigned),
    `  const sMask = i32x4.splat(${block.sMask} | hidden);`,
    ...(hasMinima ? [`  const mMask = i32x4.splat(${block.mMask} | hidden);`] : []),
    `  for (let group = 0; group < ${256 / group}; group++) {`,
    `  const w = ${groupAddress(block)};`,
    ...VECTORS.map((i) => `  let a${i} = f32x4.splat(0);`),
    ...bodyLines(block, [
      ...range(fields).map((f) => `    const s${f} = v128.load32_splat(x, ${4 * f});`),
      ...range(fields).flatMap((f) =>
        VECTORS.map((i) => {
          const { load, place } = loadOf(block, f);
          const word = block.isSigned ? shifted(`w${i}`, block.bits * f) : `${load}${i}`;
          const mask = block.isSigned ? 'top' : `m${place}`;
          const integer = `f32x4.convert_i32x4_s(v128.and(${word}, ${mask}))`;
          return `    a${i} = madd(${integer}, s${f}, a${i});`;
        }),
      ),
      `    x += ${4 * fields};`,
    ]),
    ...rest.flatMap((integer, r) => [
      `  const r${r} = v128.load32_splat(x, ${4 * r});`,
      ...VECTORS.map((i) => `  a${i} = madd(f32x4.convert_i32x4_s(${integer(i)}), r${r}, a${i});`),
    ]),
    ...(rest.length > 0 ? [`  x += ${4 * rest.length};`] : []),
    `  const s = ${scaleAddress(block.s)};`,
    ...VECTORS.map((i) => {
      const scale = product(`factors`, 16 * i, 's', 'sMask');
      return `  a${i} = madd(a${i}, ${scale}, v128.load(y, ${16 * i}));`;
    }),
    ...(hasMinima ? minimumLines(block) : []),
    ...VECTORS.map((i) => `  v128.store(y, a${i}, ${16 * i});`),
    '  }',
    '}',
  ].join('\n');
}

function minimumLines(block: KBlock): string[] {
  return [
    '  const sum = v128.load32_splat(sums);',
    `  const m = ${scaleAddress(block.m)};`,
    ...VECTORS.map((i) => {
      const minimum = product('factors', 128 + 16 * i, 'm', 'mMask', 16 * i);
      return `  a${i} = madd(sum, ${minimum}, a${i});`;
    }),
    '  sums += 4;',
  ];
}

/** Factors times masked words: scales or minima of four outputs. */
function product(
  factors: string,
  offset: number,
  words: string,
  mask: string,
  wordOffset: number = offset,
): string {
  const bytes = `v128.and(v128.load(${words}, ${wordOffset}), ${mask})`;
  return `f32x4.mul(v128.load(${factors}, ${offset}), f32x4.convert_i32x4_s(${bytes}))`;
}

/** The group's part of the first word of its rows. */
function groupAddress({ integers, bodies, sharing, partBytes }: KBlock): string {
  const rows = `<usize>(group / ${sharing}) * ${128 * bodies}`;
  const part = sharing === 1 ? '' : ` + <usize>(group % ${sharing}) * ${partBytes}`;
  return `block + ${integers} + ${rows}${part}`;
}

/** The group's byte of the first word of its row. */
function scaleAddress(rows: number): string {
  return `block + ${rows} + (<usize>(group >> 2) << 7) + <usize>(group & 3)`;
}

function decodeSource(block: KBlock): string {
  const { name, group, fields, bits, rest } = block;
  const last = block.bodies * fields;
  return [
    `/** ${group} inputs as integer · unit; target: [${group}][32] f32. */`,
    `export function decode${name}(target: usize, w: usize, hidden: i32): void {`,
    ...constantLines(block, false),
    ...bodyLines(block, [
      ...range(fields).flatMap((f) =>
        VECTORS.map((i) => {
          const { load, place, last } = loadOf(block, f);
          const shift = block.isSigned ? bits * f : bits * (last - place);
          const mask = block.isSigned ? 'top' : `m${last}`;
          const word = `v128.and(${shifted(`${load}${i}`, shift)}, ${mask})`;
          return `    v128.store(target, f32x4.convert_i32x4_s(${word}), ${128 * f + 16 * i});`;
        }),
      ),
      `    target += ${128 * fields};`,
    ]),
    ...rest.flatMap((integer, r) => [
      `  // input ${last + r}`,
      ...VECTORS.map((i) => {
        const value = `f32x4.convert_i32x4_s(${integer(i)})`;
        return `  v128.store(target, ${value}, ${128 * r + 16 * i});`;
      }),
    ]),
    '}',
  ].join('\n');
}

/** Names of the loads of a body. */
const LOADS = ['w', 'v'];

/** Which load holds a field, and at which place of how many. */
function loadOf(block: KBlock, field: number): { load: string; place: number; last: number } {
  const { fields, fieldsPerLoad = fields } = block;
  const load = LOADS[Math.floor(field / fieldsPerLoad)] as string;
  return { load, place: field % fieldsPerLoad, last: fieldsPerLoad - 1 };
}

/** Masks: of every field of a load, or of the one at the place of the unit alone. */
function constantLines(block: KBlock, hasAll: boolean): string[] {
  const { bits, isSigned, spare } = block;
  const { last } = loadOf(block, 0);
  const field = 2 ** bits - 1;
  const masks = isSigned
    ? { top: field * 2 ** (32 - bits) }
    : Object.fromEntries(
        range(last + 1)
          .filter((f) => hasAll || f === last)
          .map((f) => [`m${f}`, field * 2 ** (bits * f)]),
      );
  const all = spare === undefined ? masks : { ...masks, spare };
  return Object.entries(all).map(
    ([name, value]) => `  const ${name} = i32x4.splat(${value} | hidden);`,
  );
}

function bodyLines(block: KBlock, lines: readonly string[]): string[] {
  return [
    '  let from = w;',
    `  for (let b = 0; b < ${block.bodies}; b++) {`,
    ...range(block.fields / (block.fieldsPerLoad ?? block.fields)).flatMap((byte) => {
      const name = LOADS[byte] as string;
      return VECTORS.map((i) => `    const ${name}${i} = v128.load(from, ${16 * i + byte});`);
    }),
    ...lines,
    '    from += 128;',
    '  }',
  ];
}

function shifted(word: string, bits: number): string {
  return bits === 0 ? word : `i32x4.shl(${word}, ${bits})`;
}

function range(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}
