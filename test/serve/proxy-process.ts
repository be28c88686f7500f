/**
 * nginx and HAProxy in front of a server, with the configurations that `docs/deployment.md` tells,
 * on free ports and with the certificates of the tests.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

export type ProxyName = 'nginx' | 'haproxy';

const PAGE = new URL('../../docs/deployment.md', import.meta.url);
const CERTIFICATES = join(import.meta.dirname, 'certificates');

/** Debian keeps both where only root looks. */
const PATH = `${process.env['PATH'] ?? ''}:/usr/sbin:/usr/local/sbin`;

/** Throws: Error that says what to install. */
function requireProgram(name: ProxyName): void {
  const { error } = spawnSync(name, ['-v'], { env: { PATH } });
  if (error === undefined) return;
  throw new Error(`${name} is not installed: apt-get install ${name} (.ci/run does it)`);
}

/** The configuration on the page, with what is particular to this machine. */
function configOf(name: ProxyName, places: { port: number; backend: number; pem: string }): string {
  const [, block] = new RegExp(`\`\`\`${name}\n([^]*?)\`\`\``).exec(readFileSync(PAGE, 'utf8'))!;
  const changes: readonly (readonly [from: string, to: string])[] = [
    ['127.0.0.1:8080', `127.0.0.1:${places.backend}`],
    ...(name === 'nginx'
      ? ([
          ['worker_processes auto;', 'daemon off; pid nginx.pid; worker_processes 1;'],
          ['listen 443 ssl', `listen 127.0.0.1:${places.port} ssl`],
          ['access_log off;', `access_log off;\n${temporaryPaths()}`],
          ['/etc/wafer/server.pem', join(CERTIFICATES, 'server.pem')],
          ['/etc/wafer/server.key', join(CERTIFICATES, 'server.key')],
        ] as const)
      : ([
          ['bind :443', `bind 127.0.0.1:${places.port}`],
          ['/etc/wafer/server-and-key.pem', places.pem],
        ] as const)),
  ];
  return changes.reduce((text, [from, to]) => {
    if (!text.includes(from)) throw new Error(`docs/deployment.md has no '${from}' for ${name}`);
    return text.replace(from, to);
  }, block!);
}

/** Without root, nginx may not write where Debian has it write. */
function temporaryPaths(): string {
  const kinds = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  return kinds.map((kind) => `  ${kind}_temp_path ${kind};`).join('\n');
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

export interface RunningProxy {
  port: number;
  close(): Promise<void>;
}

/** Starts a proxy in front of a port, with a folder of its own. Throws: Error if it ends. */
export async function startProxy(
  name: ProxyName,
  backend: number,
  folder: string,
): Promise<RunningProxy> {
  requireProgram(name);
  const own = join(folder, name);
  mkdirSync(own);
  const port = await freePort();
  const pem = join(own, 'both.pem');
  const parts = ['server.pem', 'server.key'].map((file) => join(CERTIFICATES, file));
  writeFileSync(pem, parts.map((file) => readFileSync(file, 'utf8')).join('\n'));
  const config = join(own, `${name}.conf`);
  writeFileSync(config, configOf(name, { port, backend, pem }));
  const args = name === 'nginx' ? ['-p', own, '-e', 'stderr', '-c', config] : ['-db', '-f', config];
  const child = spawn(name, args, { env: { PATH }, cwd: own, stdio: ['ignore', 'pipe', 'pipe'] });
  let told = '';
  child.stderr.on('data', (data: Buffer) => (told += data.toString()));
  child.stdout.resume();
  const ended = once(child, 'exit');
  while (!(await listens(port))) {
    if (child.exitCode !== null) throw new Error(`${name} ended: ${told}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const close = async (): Promise<void> => {
    child.kill('SIGTERM');
    await ended;
  };
  return { port, close };
}

async function listens(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  return new Promise((resolve) => {
    socket.on('connect', () => resolve(true));
    socket.on('error', () => resolve(false));
  }).finally(() => socket.destroy()) as Promise<boolean>;
}
