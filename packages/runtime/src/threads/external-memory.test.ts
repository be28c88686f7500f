import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';

const source = new URL('external-memory.ts', import.meta.url).href;
const [major = 0] = process.versions.node.split('.').map(Number);
if (major < 26) console.warn('SKIPPED: collections of threads (Node.js before 26)');

/** Collections of the whole heap in a process that gets 80 MiB of shared memory. */
function collections(program: string): number {
  const memory = 'new WebAssembly.Memory({ initial: 1280, maximum: 1280, shared: true })';
  const code = `import { holdCollections } from '${source}';
    ${program.replace('MEMORY', memory)}
    await new Promise((resolve) => setTimeout(resolve, 200));`;
  const words = ['--trace-gc', '--no-warnings', '--input-type=module', '-e', code];
  const { status, stdout, stderr } = spawnSync(process.execPath, words, { encoding: 'utf8' });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return stdout.split('Mark-Compact').length - 1;
}

test.runIf(major >= 26)('a shared memory begins a collection, but not while a start lasts', () => {
  const plain = collections('globalThis.kept = MEMORY;');
  const held = collections('globalThis.held = holdCollections(); globalThis.kept = MEMORY;');
  expect(held).toBeLessThan(plain);
});

test.runIf(major >= 26)('the usual rule holds again once all starts are over', () => {
  const over = collections(`const [a, b] = [holdCollections(), holdCollections()];
    a[Symbol.dispose](); a[Symbol.dispose](); b[Symbol.dispose]();
    globalThis.kept = MEMORY;`);
  expect(over).toBe(collections('globalThis.kept = MEMORY;'));
});
