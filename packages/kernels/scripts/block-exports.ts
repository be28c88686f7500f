/**
 * Writes the exports of the block types: the generic loops, bound to the class of each type.
 *
 * Type `q4_0` is the class `Q4_0` of `assembly/blocks/q4-0.ts`, exported as `linearQ4_0`,
 * `packQ4_0` and `embedQ4_0`.
 */
import { BLOCK_FORMATS, isKType, type BlockType } from '@wafer/core';
import { exportName } from '../src/export-name.ts';

const KERNELS = {
  linear: ['y', 'yStride', 'weights', 'x', 'xStride', '#tokens', '#rows', '#columns', 'scratch'],
  pack: ['target', 'source', 'rowBytes', '#rows', '#columns'],
  embed: ['y', 'weights', '#row', '#columns'],
};

/** The AssemblyScript source of all exports. */
export function blockExportsSource(): string {
  const types = Object.keys(BLOCK_FORMATS) as BlockType[];
  return `${[
    '/** Kernels of block types, written by scripts/block-exports.ts; do not edit. */',
    [
      "import { linearK } from '../blocks/k-loops';",
      "import { embed, linear, pack } from '../blocks/loops';",
      ...types.map((type) => `import { ${className(type)} } from '../blocks/${fileName(type)}';`),
    ].join('\n'),
    ...types.flatMap((type) => [
      exportSource('linear', type, 'void'),
      exportSource('pack', type, 'i32'),
      exportSource('embed', type, 'void'),
    ]),
  ].join('\n\n')}\n`;
}

/** A parameter that starts with `#` is an i32, the others are addresses and distances. */
function exportSource(kernel: keyof typeof KERNELS, type: BlockType, result: string): string {
  const names = KERNELS[kernel].map((name) => name.replace('#', ''));
  const parameters = KERNELS[kernel].map((name, i) => {
    return `  ${names[i]}: ${name.startsWith('#') ? 'i32' : 'usize'},`;
  });
  const loop = kernel === 'linear' && isKType(type) ? 'linearK' : kernel;
  const call = `${loop}<${className(type)}>(${names.join(', ')});`;
  return [
    `export function ${exportName(kernel, type)}(`,
    ...parameters,
    `): ${result} {`,
    `  ${result === 'void' ? '' : 'return '}${call}`,
    '}',
  ].join('\n');
}

function className(type: string): string {
  return type.toUpperCase();
}

function fileName(type: string): string {
  return type.replaceAll('_', '-');
}
