/**
 * Where models of a hub are pulled to.
 *
 *     ORG/NAME[@REVISION]  →  ~/.cache/wafer/models/ORG/NAME[@REVISION]/
 */
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { HubName } from '../open/hub-name.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Where pulled models lie: WAFER_MODELS, or `wafer/models` in the user's cache folder. */
export function modelsFolder(environment: Environment): string {
  const given = environment['WAFER_MODELS'];
  if (given !== undefined && given !== '') return given;
  const cache = environment['XDG_CACHE_HOME'];
  const base = cache === undefined || cache === '' ? join(homedir(), '.cache') : cache;
  return join(base, 'wafer', 'models');
}

/** Folder of one model, below the folder of models. */
export function folderOf({ model, revision }: HubName): string {
  return revision === undefined ? model : `${model}@${revision.replaceAll('/', '--')}`;
}
