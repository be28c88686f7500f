/**
 * Which placement of experts wins by model, machine, routing and batch: part of `npm run claims`,
 * written to docs/expert-winners.md. A test beside computes some of its rows again.
 */
import { canRun, placementName } from '../src/experts/placement.ts';
import { evenRouting, skewedRouting } from '../src/experts/routing.ts';
import type { ExpertRouting } from '../src/experts/routing.ts';
import { chooseExperts } from '../src/references/expert-choice.ts';
import { findModel } from '../src/serving/models.ts';

export const WINNERS_FILE: URL = new URL('../../../docs/expert-winners.md', import.meta.url);

const MODELS = [
  'mixtral-8x7b',
  'llama-4-scout',
  'gpt-oss-20b',
  'gpt-oss-120b',
  'qwen3-235b-a22b',
  'glm-4.6',
];
const MACHINES = ['wse3', 'h100x8', 'h100x16', 'b200x8'];
const BATCHES = [1, 16, 256];
/** Zipf's law of words: an assumption, no routing was published to us. */
const SKEW = 1;
const CONTEXT = 1024;

/** Lines of the table that are of these models and machines. */
export function winnerRows(
  models: readonly string[],
  machines: readonly string[] = MACHINES,
): string[][] {
  return models.flatMap((model) => {
    const { count } = findModel(model).experts!;
    // One routing for all machines, so that its steps are drawn once.
    const routings = [evenRouting(count), skewedRouting(count, SKEW)];
    return machines.flatMap((machine) =>
      routings.map((routing) => [
        model,
        machine,
        routing.title,
        ...BATCHES.map((batch) => winner(model, { machine, batch, routing })),
      ]),
    );
  });
}

interface Question {
  readonly machine: string;
  readonly batch: number;
  readonly routing: ExpertRouting;
}

function winner(model: string, { machine, batch, routing }: Question): string {
  const shape = findModel(model);
  const work = { type: 'bf16', contextTokens: CONTEXT, promptTokens: CONTEXT, batch } as const;
  const { choice } = chooseExperts({ shape, ...work }, machine, routing);
  const [best, next] = choice.tried.filter(({ tokenUs }) => tokenUs !== undefined);
  if (best?.tokenUs === undefined) return 'does not fit';
  const mark = canRun(choice.placement) ? '' : '\\*';
  const more =
    next?.tokenUs === undefined ? '' : `, ${next.placement} ${over(next.tokenUs, best.tokenUs)}`;
  return `${placementName(choice.placement)}${mark} ${best.tokenUs.toFixed(0)} us${more}`;
}

const over = (other: number, best: number): string => `+${(100 * (other / best - 1)).toFixed(1)} %`;

/** The page. */
export function winnersPage(): string {
  const head = ['model', 'machine', 'routing', ...BATCHES.map((batch) => `batch ${batch}`)];
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return `${[
    '# Which placement of experts wins',
    '',
    'Made by `npm run claims`: the placement with the shortest token by this clock, and the ' +
      'next one. \\*: computed only, no tiles here run it. Placements, routing and what is ' +
      'not charged: [timing](timing.md). No published row checks them.',
    '',
    line(head),
    line(head.map(() => '---')),
    ...winnerRows(MODELS).map((row) => line(row)),
  ].join('\n')}\n`;
}
