/**
 * Which known name was meant by one that an error did not know: of models, machines, links.
 */
import { readdirSync } from 'node:fs';
import { basename, dirname } from 'node:path';
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
  const chip = word.replace(COUNT_AND_CLOCK, '');
  // A chip that is known was named with a wrong count.
  const meant =
    nearestOf(words, word) ?? (words.includes(chip) ? undefined : nearestOf(words, chip));
  return meant === undefined ? undefined : prefix + meant;
}

/** Of a machine, as in `h100x16p2`, and its clock, as in `wse3x4@paper`. */
const COUNT_AND_CLOCK = /(x\d+(p\d+)?)?(@[\w-]*)?$/;

function meantModel(typed: string): string | undefined {
  const path = typed.replace(/(?<=.)[/\\]+$/, '');
  const names = [STORIES_NAME, ...listStored(pulledModels()).map(({ name }) => name)];
  const all = [...names, ...besides(path)];
  // What is there was meant, and is no model.
  return all.includes(path) ? undefined : (nearestOf(names, path) ?? nearestOf(all, path));
}

/** What lies where the path points to, as it would be typed. */
function besides(path: string): string[] {
  const lead = path.slice(0, path.length - basename(path).length);
  try {
    return readdirSync(dirname(path)).map((entry) => lead + entry);
  } catch {
    return [];
  }
}
