/**
 * Names of machines: a chip, how many, in how many stages, and of wafers the preset of their clock.
 *
 *   h100x16p2          wse3x4@power-capped
 *   chip count stages  chip count clock
 */

export interface MachineName {
  /** As it was read: whether there is such a chip is not asked. */
  readonly chip: string;
  readonly count?: number;
  readonly stages?: number;
  readonly clock?: string;
}

/** The parts of a name; its chip is empty where it has another form. */
export function readMachineName(name: string): MachineName {
  const [, chip = '', digits, staged, clock] =
    /^([a-z]+\d*)(?:x(\d+)(?:p(\d+))?)?(?:@([a-z-]+))?$/.exec(name.toLowerCase()) ?? [];
  return {
    chip,
    ...(digits === undefined ? {} : { count: Number(digits) }),
    ...(staged === undefined ? {} : { stages: Number(staged) }),
    ...(clock === undefined ? {} : { clock }),
  };
}

/** The name of wafers; one is not counted. */
export function waferName({ chip, count = 1, clock }: Omit<MachineName, 'stages'>): string {
  return `${chip}${count > 1 ? `x${count}` : ''}${clock === undefined ? '' : `@${clock}`}`;
}
