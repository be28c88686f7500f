/**
 * Installs what the scripts need before npm runs one of them, on whatever Node.js (>= 18) a
 * newcomer has; hence plain JavaScript. Under pnpm there is nothing to do: it installed already.
 */
import { spawnSync } from 'node:child_process';
import { rmSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const modifiedMs = (path) => statSync(root + path, { throwIfNoEntry: false })?.mtimeMs ?? 0;

const isUnderPnpm = (process.env.npm_config_user_agent ?? '').startsWith('pnpm');
const installedMs = modifiedMs('node_modules/.modules.yaml');
if (!isUnderPnpm && (installedMs === 0 || installedMs < modifiedMs('pnpm-lock.yaml'))) {
  const install = 'npx --yes pnpm@12 install';
  // The result of the command owns standard output; what the installer says goes beside it.
  const stdio = ['inherit', 2, 2];
  const { status } = spawnSync(install, { cwd: root, stdio, shell: true });
  if (status !== 0) process.exit(status ?? 1);

  // The bundled Node.js needs glibc and libatomic. Where it does not start, use the caller's own.
  const bundled = `${root}node_modules/.bin/node`;
  const isBroken = () => spawnSync(bundled, ['--version']).status !== 0;
  if (modifiedMs('node_modules/.bin/node') !== 0 && isBroken()) {
    rmSync(bundled);
    if (Number.parseInt(process.versions.node, 10) < 24) {
      console.error(
        'The bundled Node.js does not start on this system. On slim Debian images: ' +
          'apt-get install libatomic1 && npx pnpm@12 install --force. ' +
          'Elsewhere: use Node.js 24 or later.',
      );
      process.exit(1);
    }
  }
}
