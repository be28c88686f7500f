/**
 * Kinds of links that really carry messages between chips.
 */
export const LINK_KINDS = ['port', 'unix', 'tcp'] as const;

/** `port`: between threads; `unix`, `tcp`: between processes. */
export type LinkKind = (typeof LINK_KINDS)[number];
