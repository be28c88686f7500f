/**
 * The page of a server, as text, and what a server tells it.
 */
export { PAGE_HTML, PAGE_POLICY, SOURCE_HASH } from './generated/page.ts';
export type {
  LiveAnswer,
  LiveLink,
  LiveModel,
  LiveSnapshot,
  LiveTenant,
  LiveTile,
  LiveWafer,
} from './live-snapshot.ts';
