/**
 * The form of the list of one-line defects: per file, what to put in, and the tests that must see.
 *
 * A search text stands exactly once in its file; where the code moves, only `file` and `tests`
 * change. `argued` says why nothing needs to see a defect that survives.
 */

/** What the defect is · the line as it is · the line as it would be · why none sees it. */
export type Mutation = readonly [
  claim: string,
  search: string,
  replacement: string,
  argued?: string,
];

export interface MutatedFile {
  file: string;
  tests: readonly string[];
  mutations: readonly Mutation[];
}
