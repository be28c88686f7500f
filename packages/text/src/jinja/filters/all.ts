/**
 * All filters by name. Two of Jinja2's are not here: `random`, as no prompt should be a matter of
 * luck, and `urlize`, which makes links for web pages; a template that uses them is refused.
 */
import type { Filter } from '../scope.ts';
import { LIST_FILTERS } from './lists.ts';
import { NUMBER_FILTERS } from './numbers.ts';
import { TEXT_FILTERS } from './texts.ts';

export const FILTERS: ReadonlyMap<string, Filter> = new Map([
  ...LIST_FILTERS,
  ...NUMBER_FILTERS,
  ...TEXT_FILTERS,
]);
