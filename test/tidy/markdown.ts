/**
 * What the rules need to know of a Markdown file: headings, links and fenced blocks.
 */
export interface Fence {
  language: string;
  text: string;
}

const FENCE = /^```([\w-]*)[^\n]*\n([\s\S]*?)^```$/gm;

/** Lists fenced blocks. */
export function fencesOf(markdown: string): Fence[] {
  return [...markdown.matchAll(FENCE)].map(([, language = '', text = '']) => ({ language, text }));
}

/** Lists targets of inline links and images, code left out. */
export function linksOf(markdown: string): string[] {
  const prose = markdown.replace(FENCE, '').replace(/`[^`\n]*`/g, '');
  return [...prose.matchAll(/\]\(([^)\s]+)[^)]*\)/g)].map(([, target = '']) => target);
}

/** Lists the anchors that headings give, as GitHub makes them. */
export function anchorsOf(markdown: string): string[] {
  const headings = [...markdown.replace(FENCE, '').matchAll(/^#{1,6}\s+(.+)$/gm)];
  return headings.map(([, title = '']) =>
    title
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replace(/\s/g, '-'),
  );
}
