/**
 * Which known name was meant by one that an error did not know: of models, machines, links.
 */
import { readdirSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { WaferError } from '@wafer/core';
import { listStored, SYNTHETIC_PREFIX } from '@wafer/models';
import { STORIES_NAME } from '@wafer/stories';
import { nearestOf } from '../flags/nearest-word.ts';
import { pulledModels } from './named-model.ts';

/** The nearest of what the error, the folder that was named or the models here know. */
export function meantName(error: unknown): string | undefined {
  if (!(error instanceof WaferError)) return undefined;
  const { code, details } = error;
  if (code === 'MODEL_NOT_FOUND' || code === 'MODEL_NOT_PULLED') {
    return typeof details['path'] === 'string' ? meantModel(details['path']) : undefined;
  }
  const { known, name, value = name } = details;
  if (typeof value !== 'string' || !Array.isArray(known)) return undefined;
  // A prefix that all have would make any two alike.
  const prefix = code === 'SYNTHETIC_UNKNOWN' ? SYNTHETIC_PREFIX : '';
  const words = known.map((each) => String(each).slice(prefix.length));
  const [word = ''] = value.slice(prefix.length).split(':');
  const chip = word.replace(CHIP_COUNT, '');
  // A chip that is known was named with a wrong count.
  const meant =
    nearestOf(words, word) ?? (words.includes(chip) ? undefined : nearestOf(words, chip));
  return meant === undefined ? undefined : prefix + meant;
}

/** Of a machine, as in `h100x16p2`. */
const CHIP_COUNT = /x\d+(p\d+)?$/;

function meantModel(path: string): string | undefined {
  const names = [STORIES_NAME, ...listStored(pulledModels()).map(({ name }) => name)];
  return nearestOf(names, path) ?? nearestOf(besides(path), path);
}

/** What lies where the path points to. */
function besides(path: string): string[] {
  const folder = dirname(path);
  const lead = path.slice(0, path.length - normalize(path).length);
  try {
    return readdirSync(folder).map((entry) => lead + join(folder, entry));
  } catch {
    return [];
  }
}
