/**
 * Where programs of the workspace start, for our own packages. No promise.
 */
export { programEntry } from './repository-bundle.ts';
