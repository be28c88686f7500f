/**
 * Other implementations to compare with: fetched from npm when first needed, never a dependency.
 *
 * They lie in `peers/` of a cache folder, one folder for each version. A peer that cannot be had is
 * an error with npm's words in it: a comparison never passes for want of the other side.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { WaferError } from '@wafer/core';
import { makeFolder } from '@wafer/models';

export const LLAMA_CPP_VERSION = '3.22.1';
export const ONNX_RUNTIME_VERSION = '1.30.0';

const INSTALL_MS_MAX = 240_000;
/** Of one package, before npm asks again: its own five minutes are longer than all may take. */
const FETCH_MS_MAX = 60_000;
const REASON_LENGTH_MAX = 2000;

/** The packages with the compiled part of node-llama-cpp, by platform and processor. */
const LLAMA_CPP_PARTS: Readonly<Record<string, string>> = {
  'linux-x64': 'linux-x64',
  'linux-arm64': 'linux-arm64',
  'darwin-x64': 'mac-x64',
  'darwin-arm64': 'mac-arm64-metal',
};

/** Imports node-llama-cpp, after fetching it if need be. Throws: PEER_UNAVAILABLE. */
export async function importLlamaCpp(cacheFolder: string): Promise<unknown> {
  const platform = `${process.platform}-${process.arch}`;
  const part = LLAMA_CPP_PARTS[platform];
  if (part === undefined) {
    const reason = `there is no build for ${platform}`;
    throw new WaferError('PEER_UNAVAILABLE', { peer: 'node-llama-cpp', reason });
  }
  const parts = [`@node-llama-cpp/${part}`];
  const peer = { name: 'node-llama-cpp', version: LLAMA_CPP_VERSION, parts };
  const folder = installPeer(peer, cacheFolder);
  const entry = join(folder, 'node_modules/node-llama-cpp/dist/index.js');
  return import(pathToFileURL(entry).href);
}

/** Imports onnxruntime-node, after fetching it if need be. Throws: PEER_UNAVAILABLE. */
export async function importOnnxRuntime(cacheFolder: string): Promise<unknown> {
  const peer = { name: 'onnxruntime-node', version: ONNX_RUNTIME_VERSION };
  const folder = installPeer(peer, cacheFolder);
  const entry = join(folder, 'node_modules/onnxruntime-node/dist/index.js');
  return import(pathToFileURL(entry).href);
}

/** A package to fetch, and packages of the same version that it needs here. */
export interface PeerPackage {
  name: string;
  version: string;
  parts?: readonly string[];
}

/**
 * Installs a package into the cache if it is not there. Returns the folder of its project.
 * Throws: PEER_UNAVAILABLE.
 */
export function installPeer(
  { name, version, parts = [] }: PeerPackage,
  cacheFolder: string,
): string {
  const folder = resolve(cacheFolder, 'peers', `${name.replaceAll('/', '-')}-${version}`);
  const mark = join(folder, 'complete');
  if (existsSync(mark)) return folder;
  makeFolder(folder);
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
  // The optional parts are other platforms and GPUs: 640 MB. The one that is needed is named.
  const flags = [
    ...['--ignore-scripts', '--omit=optional', '--no-audit', '--no-fund'],
    `--fetch-timeout=${FETCH_MS_MAX}`,
  ];
  const packages = [name, ...parts].map((each) => `${each}@${version}`);
  const { status, stdout, stderr, error } = spawnSync('npm', ['install', ...flags, ...packages], {
    cwd: folder,
    encoding: 'utf8',
    timeout: INSTALL_MS_MAX,
    killSignal: 'SIGKILL', // to any other npm goes back on what it did first, and may wait for ever
  });
  if (status !== 0) {
    const reason = `${error?.message ?? ''}\n${stdout}${stderr}`.trim().slice(-REASON_LENGTH_MAX);
    throw new WaferError('PEER_UNAVAILABLE', { peer: packages.join(' '), reason });
  }
  writeFileSync(mark, '');
  return folder;
}
