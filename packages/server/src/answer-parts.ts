/**
 * What endpoints of every dialect call: the parts of a request's answers, counted on the way.
 */
import { runGeneration } from './requests/generation.ts';
import type { AnswerPart, Generation } from './requests/generation.ts';
import type { Lease } from './models/model-entry.ts';
import type { Services } from './services.ts';

/** Streams the parts of all answers; the lease stays its owner's. Throws: as `runGeneration`. */
export async function* answerParts(
  lease: Lease,
  generation: Generation,
  use: { services: Pick<Services, 'figures'>; signal: AbortSignal },
): AsyncGenerator<AnswerPart, void, undefined> {
  const { tenant = '' } = generation.options;
  const counted = use.services.figures.answers.of(tenant);
  for await (const part of runGeneration(lease, generation, use.signal)) {
    counted.generatedTokens++;
    const { usage, finish } = part;
    if (usage !== undefined && finish !== undefined) {
      use.services.figures.answer({ model: lease.id, tenant, usage, finish });
    }
    yield part;
  }
}
