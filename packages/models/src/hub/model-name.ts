/**
 * Where models of a hub are pulled to.
 *
 *     ORG/NAME[@REVISION]  →  ~/.cache/wafer/models/ORG/NAME[@REVISION]/
 */
import { homedir, userInfo } from 'node:os';
import { isAbsolute, join } from 'node:path';
import type { HubName } from '../open/hub-name.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Where pulled models lie: WAFER_MODELS, or `wafer/models` in the user's cache folder. */
export function modelsFolder(environment: Environment): string {
  const given = environment['WAFER_MODELS'];
  if (given !== undefined && given !== '') return given;
  const cache = absoluteFolder(environment['XDG_CACHE_HOME']);
  return join(cache ?? join(homeFolder(), '.cache'), 'wafer', 'models');
}

/**
 * A folder that an `XDG_…` names; undefined for one that depends on where the user stands, which
 * is to be ignored. Source: XDG Base Directory Specification 0.8.
 */
export function absoluteFolder(given: string | undefined): string | undefined {
  return given !== undefined && isAbsolute(given) ? given : undefined;
}

/** The user's home: of the system's list of users where HOME is empty. Throws: without one. */
export function homeFolder(): string {
  return homedir() || userInfo().homedir;
}

/** Folder of one model, below the folder of models. */
export function folderOf({ model, revision }: HubName): string {
  return revision === undefined ? model : `${model}@${revision.replaceAll('/', '--')}`;
}
