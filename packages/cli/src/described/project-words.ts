/** Sentences of the first screen, for the page of a projection. */
import type { ProjectTold } from '@wafer/bench/project';
import type { ProjectedWork, Projection } from '@wafer/timing';
import { likeLines, publishedLines, widerLines } from './project-likes.ts';
import { meaningsOf, placeLines, ratioLines } from './project-screen.ts';
import { speculationLines } from './project-speculation.ts';
import type { Drafting } from './project-speculation.ts';

/** What a page says beside its tables and charts. */
export function pageWords(
  name: string,
  work: ProjectedWork,
  use: {
    readonly found: readonly Projection[];
    /** Tokens of all with many sequences. */
    readonly many: readonly string[];
    readonly speculation: Drafting | undefined;
  },
): ProjectTold {
  const { found, many, speculation } = use;
  const { batch } = work;
  return {
    places: [...placeLines(found, batch), ...widerLines(work, found)],
    ratios: ratioLines(found, batch),
    published: publishedLines(name, work, found),
    likes: [...likeLines(found, batch), ...many],
    meanings: meaningsOf(found)
      .map(([cause, meaning]) => `${cause}: ${meaning}`)
      .join('; '),
    speculation: speculation ? speculationLines(found, speculation) : [],
  };
}
