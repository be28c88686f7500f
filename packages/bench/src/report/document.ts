/** A page in one file: it asks nobody for anything. */
import { element, escapeText } from './markup.ts';
import { CHART_STYLE, COLORS, PAGE_STYLE } from './style.ts';

export interface PageFrame {
  title: string;
  /** Beside the style that all pages have. */
  style?: string;
  /** Whether a script of the page may run. */
  hasScript?: boolean;
}

/** The whole file, around a body. */
export function documentOf(
  { title, style = '', hasScript = false }: PageFrame,
  body: string,
): string {
  const script = hasScript ? " script-src 'unsafe-inline';" : '';
  const policy = `default-src 'none'; style-src 'unsafe-inline';${script} img-src data:`;
  const head = [
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${escapeText(policy)}">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<link rel="icon" href="data:,">',
    element('title', {}, escapeText(title)),
    element('style', {}, `${COLORS}${CHART_STYLE}${PAGE_STYLE}${style}`),
  ].join('\n');
  const html = `<head>\n${head}\n</head>\n<body>${body}</body>`;
  return `<!doctype html>\n<html lang="en">\n${html}\n</html>\n`;
}

/**
 * A table that scrolls by itself where it is too wide; its caption says what it holds. The first
 * cell of each row names the row.
 */
export function pageTable(
  caption: string,
  head: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const titles = head.map((cell) => element('th', { scope: 'col' }, escapeText(cell)));
  const cells = ([name = '', ...row]: readonly string[]): string =>
    element(
      'tr',
      {},
      element('th', { scope: 'row' }, escapeText(name)),
      ...row.map((cell) => element('td', {}, escapeText(cell))),
    );
  return element(
    'div',
    { class: 'table', tabindex: 0, role: 'region', 'aria-label': caption },
    element(
      'table',
      {},
      element('caption', {}, escapeText(caption)),
      element('thead', {}, element('tr', {}, ...titles)),
      element('tbody', {}, ...rows.map(cells)),
    ),
  );
}
