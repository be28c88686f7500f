/**
 * A projection as one picture that stands alone, light or dark as the reader prefers: from the
 * first machine's token to each other one's, cause by cause.
 */
import { speedRatio, waterfallBetween } from '@wafer/timing';
import type { ProjectedTime, Projection } from '@wafer/timing';
import { element, escapeText, svgText } from '../report/markup.ts';
import { CHART_STYLE, COLORS } from '../report/style.ts';
import { causeChart, microseconds } from './cause-chart.ts';

const WIDTH = 860;
const MARGIN = 22;
const HEAD = 66;
const TITLE_HEIGHT = 34;

type Timed = Projection & { readonly time: ProjectedTime };

/** The picture; undefined where no two machines hold the model. */
export function projectPicture(model: string, machines: readonly Projection[]): string | undefined {
  const [first, ...others] = machines.filter((one): one is Timed => one.time !== undefined);
  if (first === undefined || others.length === 0) return undefined;
  let y = HEAD;
  const panels = others.map(({ machine, time }) => {
    const from = { name: first.machine, us: first.time.tokenUs };
    const steps = waterfallBetween(first.time, time).map(({ cause, changeUs: us }) => {
      return { name: cause, us, note: `${us > 0 ? '+' : ''}${microseconds(us)}` };
    });
    const { ratio, low, high } = speedRatio(first.time, time);
    const [times, least, most] = [ratio, low, high].map((value) => value.toPrecision(2));
    const title = `${first.machine} to ${machine}: ${times} times (${least} to ${most})`;
    const width = WIDTH - 2 * MARGIN;
    const chart = causeChart(steps, { width, title, from, to: machine });
    const height = Number(/height="([\d.]+)"/.exec(chart)?.[1]);
    const at = y;
    y += height + TITLE_HEIGHT + MARGIN;
    return [
      svgText({ x: MARGIN, y: at + 20, class: 'h' }, title),
      element('g', { transform: `translate(${MARGIN} ${at + TITLE_HEIGHT})` }, chart),
    ].join('');
  });
  const title = `${model}: a token on ${first.machine}, and on others`;
  const note = 'Microseconds of one user by cause. Computed, nothing ran; no speculation.';
  const size = { width: WIDTH, height: y, viewBox: `0 0 ${WIDTH} ${y}`, role: 'img' };
  return `${element(
    'svg',
    { xmlns: 'http://www.w3.org/2000/svg', ...size, 'aria-label': title },
    element('style', {}, escapeText(`${COLORS}${CHART_STYLE}\nsvg .big{font-size:17px}`)),
    `<rect width="${WIDTH}" height="${y}" fill="var(--panel)" rx="12"/>`,
    svgText({ x: MARGIN, y: 32, class: 'h big' }, title),
    svgText({ x: MARGIN, y: 54, class: 'm' }, note),
    ...panels,
  )}\n`;
}
