/** A picture that stands alone, light or dark as the reader prefers: its title, a note, panels. */
import { element, escapeText, svgText } from './markup.ts';
import { CHART_STYLE, COLORS } from './style.ts';

/** Beside and below the panels. */
export const PICTURE_MARGIN = 22;
/** Above them, with title and note. */
export const PICTURE_HEAD = 66;

export interface PictureFrame {
  width: number;
  height: number;
  title: string;
  note: string;
}

/** The whole file. */
export function pictureFrame(frame: PictureFrame, panels: readonly string[]): string {
  const { width, height, title, note } = frame;
  const size = { width, height, viewBox: `0 0 ${width} ${height}`, role: 'img' };
  return `${element(
    'svg',
    { xmlns: 'http://www.w3.org/2000/svg', ...size, 'aria-label': title },
    element('style', {}, escapeText(`${COLORS}${CHART_STYLE}\nsvg .big{font-size:17px}`)),
    `<rect width="${width}" height="${height}" fill="var(--panel)" rx="12"/>`,
    svgText({ x: PICTURE_MARGIN, y: 32, class: 'h big' }, title),
    svgText({ x: PICTURE_MARGIN, y: 54, class: 'm' }, note),
    ...panels,
  )}\n`;
}
