#!/usr/bin/env node
/**
 * The `wafer` command, in words that every Node.js since 18 can read.
 *
 * An older one takes a file whose name ends in .ts for a module it cannot load, and ends in a stack
 * before a line of it runs; but in a folder of CommonJS it reads it as a script. Hence this folder,
 * its manifest, and no types here. Where Node.js is too old, the one that a clone has installed
 * takes over. Nothing but this file may be loaded before that is known.
 */
const NODE_MAJOR_MIN = 24;
const bundledNode = '../../../../node_modules/.bin/node';

async function main() {
  if (Number.parseInt(process.versions.node, 10) >= NODE_MAJOR_MIN) await start();
  else if (!(await runBundled())) {
    fail(`needs Node.js ${NODE_MAJOR_MIN} or later, this is ${process.versions.node}`);
  }
}

async function start() {
  try {
    await import('../start.ts');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    const isMissing = code === 'ERR_MODULE_NOT_FOUND';
    if (!isMissing && code !== 'ERR_UNSUPPORTED_NODE_MODULES_TYPE_STRIPPING') throw error;
    const flags = [...process.execArgv, process.env['NODE_OPTIONS'] ?? ''].join(' ');
    if (flags.includes('--preserve-symlinks')) {
      fail('what a clone installs are links, which Node must follow: without --preserve-symlinks');
    } else if (isMissing) {
      fail('something is not installed; in a clone, npx pnpm@12 install does that');
    } else throw error;
    if (process.env['WAFER_DEBUG'] === '1') console.error(error);
  }
}

/** Starts the command again with the Node.js of the clone; whether there is one. */
async function runBundled() {
  // Published, this file is a module, and there is no clone around it.
  if (typeof __dirname !== 'string') return false;
  const { spawn, spawnSync } = await import('node:child_process');
  const { join } = await import('node:path');
  const node = join(__dirname, bundledNode);
  if (spawnSync(node, ['--version'], { stdio: 'ignore' }).status !== 0) return false;
  const child = spawn(node, [join(__dirname, 'main.ts'), ...process.argv.slice(2)], {
    stdio: 'inherit',
  });
  // Ctrl-C reaches the child too, and its end is ours; what is sent to us alone is handed on.
  process.on('SIGINT', () => undefined);
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  child.on('exit', (code) => {
    process.exitCode = code ?? 1;
  });
  return true;
}

function fail(message = '') {
  console.error(`wafer: ${message}`);
  process.exitCode = 1;
}

void main();
