/**
 * Experts of a projection: the placement and routing that are asked for, and the table of those
 * that were tried.
 */
import { readFile } from 'node:fs/promises';
import {
  chooseExperts,
  EXPERT_ROWS,
  evenRouting,
  profiledRouting,
  project,
  readPlacement,
  skewedRouting,
} from '@wafer/timing';
import type {
  ExpertChoice,
  ExpertProfile,
  ExpertRouting,
  ModelShape,
  ProjectedWork,
  Projection,
} from '@wafer/timing';
import { Table } from '@wafer/bench/common';
import type { Line } from '@wafer/bench/common';
import { isObject, parseJsonObject, WaferError } from '@wafer/core';

export interface ExpertFlags {
  experts?: string;
  routing?: string;
}

/** What was chosen on one machine. */
export interface MachineChoice extends ExpertChoice {
  readonly machine: string;
}

export interface PlacedProjections {
  readonly found: Projection[];
  /** With `auto`, one for each machine. */
  readonly choices: MachineChoice[];
}

/** Projects on machines with the placement that is asked for. Throws: PLAN_OPTION. */
export async function projectPlaced(
  work: ProjectedWork,
  machines: readonly string[],
  { experts, routing: wanted }: ExpertFlags,
): Promise<PlacedProjections> {
  if (experts === undefined && wanted === undefined) {
    return { found: machines.map((machine) => project(work, machine)), choices: [] };
  }
  const routing = await readRouting(work.shape, wanted ?? 'even');
  if (experts === 'auto') {
    const all = machines.map((machine) => chooseExperts(work, machine, routing));
    return {
      found: all.map(({ projection }) => projection),
      choices: all.map(({ projection, choice }) => ({ machine: projection.machine, ...choice })),
    };
  }
  const placement = experts === undefined ? EXPERT_ROWS : readPlacement(experts);
  const placed = { ...work, experts: { placement, routing } };
  return { found: machines.map((machine) => project(placed, machine)), choices: [] };
}

/** `even`, `skew:1.2`, or a profile that a run wrote. */
async function readRouting({ experts, name }: ModelShape, text: string): Promise<ExpertRouting> {
  if (!experts) {
    const expected = 'one with experts, as --experts and --routing ask for';
    throw new WaferError('PLAN_OPTION', { option: 'model', value: name, expected });
  }
  if (text === 'even') return evenRouting(experts.count);
  const skew = /^skew:(\d+(?:\.\d+)?)$/.exec(text)?.[1];
  if (skew !== undefined) return skewedRouting(experts.count, Number(skew));
  const fail = (reason: string): WaferError => {
    const expected = `even, skew:1.2, or a profile; the file is ${reason}`;
    return new WaferError('PLAN_OPTION', { option: 'routing', value: text, expected });
  };
  const profile = parseJsonObject(await readFile(text, 'utf8'), fail);
  if (!isProfile(profile)) throw fail('none that --expert-profile writes');
  return profiledRouting(profile, experts.count);
}

function isProfile(json: object): json is ExpertProfile {
  const { model, expertCount, layers } = json as Partial<Record<keyof ExpertProfile, unknown>>;
  const isLayer = (layer: unknown): boolean =>
    isObject(layer) &&
    Array.isArray(layer['counts']) &&
    layer['counts'].every((count) => typeof count === 'number' && count >= 0);
  const isNamed = typeof model === 'string' && typeof expertCount === 'number';
  return isNamed && Array.isArray(layers) && layers.every(isLayer);
}

/** How experts lie, where that was asked, and with `auto` what was tried; nothing otherwise. */
export function expertLines({ found, choices }: PlacedProjections): Line[] {
  const told = found.flatMap(({ machine, time }) => {
    if (!time?.experts) return [];
    const { placement, routing, groups, busiestShare, isComputedOnly } = time.experts;
    const lie = groups === 1 ? 'one group' : `${groups} groups`;
    const only = isComputedOnly ? '; computed only: no tiles here run it' : '';
    return [
      `${machine}: experts by ${placement} in ${lie}, routing ${routing}; ` +
        `the busiest has ${busiestShare.toFixed(2)} of an even share${only}`,
    ];
  });
  if (told.length === 0) return [];
  const tried = choices.flatMap(({ machine, why, tried: all }) => [
    '',
    `${machine}: ${why}`,
    triedTable(all),
  ]);
  return [...told, ...tried];
}

function triedTable(tried: ExpertChoice['tried']): Table {
  const right = (title: string): { title: string; align: 'right' } => ({ title, align: 'right' });
  return new Table(
    [
      { title: 'experts' },
      right('us a token'),
      right('busiest'),
      right('chips'),
      { title: 'note' },
    ],
    tried.map(({ placement, tokenUs, busiestShare, chips, isComputedOnly, refused }) => [
      placement,
      tokenUs === undefined ? '-' : tokenUs.toFixed(1),
      busiestShare === undefined ? '-' : busiestShare.toFixed(2),
      String(chips),
      refused ?? (isComputedOnly ? 'computed only' : ''),
    ]),
  );
}
