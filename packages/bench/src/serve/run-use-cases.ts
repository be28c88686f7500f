/**
 * The five uses on a wafer and on the same wafer diced, in turns: what the cut costs a user.
 */
import { describeSetting, settingLines } from '../machine.ts';
import type { Setting } from '../machine.ts';
import { medianOf, ratioByRound, turnsOf } from '../statistics.ts';
import type { Spread } from '../statistics.ts';
import { table } from '../table.ts';
import type { Line } from '../table.ts';
import { tokensOfWord } from './target.ts';
import type { MeasuredServer } from './target.ts';
import { USE_CASES } from './use-cases.ts';
import type { UseSizes } from './use-cases.ts';

export interface UseRow {
  use: string;
  figure: string;
  unit: 'ms' | 'texts/s';
  whole: number;
  diced: number;
  /** Times as long on the diced wafer, or as many texts on the whole one; round by round. */
  cost: Spread;
}

export interface UseResults {
  setting: Setting;
  model: string;
  cut: string;
  rows: UseRow[];
}

export interface UseOptions {
  whole: MeasuredServer;
  diced: MeasuredServer;
  /** How the second is cut, in words. */
  cut: string;
  sizes: UseSizes;
  rounds: number;
  signal: AbortSignal;
  say: (text: string) => void;
}

/** Measures each use, both servers in every round; a first round warms up. */
export async function runUseCases(options: UseOptions): Promise<UseResults> {
  const { whole, diced, cut, sizes, rounds, signal, say } = options;
  const rows: UseRow[] = [];
  const tokensPerWord = await tokensOfWord(whole);
  const common = { sizes, signal, tokensPerWord };
  for (const { name, figure, unit, run } of USE_CASES) {
    const values = { whole: [] as number[], diced: [] as number[] };
    for (let round = 0; round <= rounds; round++) {
      const turns = [
        async () => values.whole.push(await run({ server: whole, ...common, seed: round + 1 })),
        async () => values.diced.push(await run({ server: diced, ...common, seed: round + 1 })),
      ];
      for (const turn of turnsOf(turns, round)) await turn();
    }
    const [first, second] = [values.whole.slice(1), values.diced.slice(1)];
    const cost = unit === 'ms' ? ratioByRound(second, first) : ratioByRound(first, second);
    rows.push({
      ...{ use: name, figure, unit, cost },
      ...{ whole: medianOf(first), diced: medianOf(second) },
    });
    say(`${name}: the cut costs ${cost.median.toFixed(2)} times`);
  }
  return { setting: describeSetting(), model: whole.model, cut, rows };
}

/** The table, for a terminal. */
export function useLines({ setting, model, cut, rows }: UseResults): Line[] {
  const [date, machine] = settingLines(setting);
  return [
    `wafer bench serve --use-cases · ${date}`,
    machine!,
    `${model}, whole and cut: ${cut}`,
    '',
    table(
      ['use', 'what its user waits for', '>whole', '>cut', '>cost', '>rounds'],
      rows.map(({ use, figure, unit, whole, diced, cost }) => [
        use,
        `${figure}, ${unit}`,
        figureText(whole),
        figureText(diced),
        `${cost.median.toFixed(2)}x`,
        `${cost.min.toFixed(2)} to ${cost.max.toFixed(2)}`,
      ]),
    ),
  ];
}

function figureText(value: number): string {
  return value >= 100 ? value.toFixed(0) : String(Number(value.toPrecision(3)));
}
