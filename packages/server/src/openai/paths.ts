/**
 * Paths that clients of different makers ask for the same thing.
 *
 * Groq's client puts `/openai` in front; Cerebras' has `/v1` in its paths, so that a base URL which
 * ends in `/v1` doubles it; others leave `/v1` out.
 */

/** The other paths of one that begins with `/v1/`. */
export function clientPaths(path: string): string[] {
  const bare = path.slice('/v1'.length);
  return [bare, `/openai${path}`, `/v1${path}`];
}
