/**
 * Names of models on a hub and of their files, and addresses of their pages.
 *
 * What a hub lists is hostile until checked: a file name is a path below the folder on every
 * system, or it is refused.
 */

/** Written last by a pull: a folder without it is not complete. */
export const PULL_RECORD = 'wafer-pull.json';

/** A model of a hub, as a name or an address tells it. */
export interface HubName {
  /** ORG/NAME. */
  model: string;
  /** A branch, a tag or a commit; undefined for the hub's default. */
  revision: string | undefined;
  /** The file that an address names. */
  file?: string;
}

const NAME = /^([\w-][\w.-]{0,95}\/[\w-][\w.-]{0,95})(?:@([\w-][\w./-]{0,199}))?$/;

/** Longest path of a file, and of one part of it with what is added while it is pulled. */
const PATH_LENGTH_MAX = 1024;
const PART_LENGTH_MAX = 200;

/** What Windows takes for a device in any folder, with any ending. */
const DEVICE = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]) *(\.|$)/i;

/** A page of a hub as it is pasted, with or without its scheme. */
const ADDRESS = /^(?:https?:\/\/[^/?#]+|[\w-]+(?:\.[\w-]+)+)\/([^/?#]+\/[^/?#]+)([^?#]*)/i;
const PAGE = /^\/(?:tree|blob|resolve|raw)\/([^/]+)(?:\/(.+?))?\/?$/;

/**
 * Reads ORG/NAME[@REVISION], or the address of a page of it, maybe of one revision or file:
 * https://hub/ORG/NAME/blob/main/model.gguf. Undefined if it is none.
 */
export function readHubName(text: string): HubName | undefined {
  const [address, name = '', rest = ''] = ADDRESS.exec(text) ?? [];
  if (address !== undefined) return readAddress(name, rest);
  const [, model, revision] = NAME.exec(text) ?? [];
  return model === undefined || text.includes('..') ? undefined : { model, revision };
}

function readAddress(name: string, rest: string): HubName | undefined {
  const [page, branch, file] = PAGE.exec(rest) ?? [];
  if (page === undefined && rest !== '' && rest !== '/') return undefined;
  try {
    const revision = branch === undefined || branch === 'main' ? '' : `@${branch}`;
    const read = readHubName(decodeURIComponent(name + revision));
    const path = decodeURIComponent(file ?? '');
    if (read === undefined || path === '') return read;
    return pathFault(path) === undefined ? { ...read, file: path } : undefined;
  } catch {
    return undefined; // a percent sign that begins nothing
  }
}

/** Why a listed file cannot lie below a folder under its own name; undefined if it can. */
export function pathFault(path: string): string | undefined {
  if (path.length === 0 || path.length > PATH_LENGTH_MAX) return `has ${path.length} characters`;
  // Control characters, and what some system reads as a separator, a drive, a stream or a glob.
  // oxlint-disable-next-line no-control-regex
  if (/[\u0000-\u001f\u007f\\:<>"|?*]/.test(path)) return 'has a character that paths may not have';
  for (const part of path.split('/')) {
    if (part === '' || part === '.' || part === '..') return 'leads out of its folder';
    if (Buffer.byteLength(part) > PART_LENGTH_MAX) return 'has too long a part';
    if (/[. ]$/.test(part)) return 'ends in a dot or a space';
    if (DEVICE.test(part)) return 'has the name of a device';
    const folded = part.toLowerCase();
    const isOurs = folded === PULL_RECORD || folded.endsWith('.partial');
    if (isOurs) return 'has a name that pulling uses';
  }
  return undefined;
}
