/**
 * A projection as one picture that stands alone, light or dark as the reader prefers: from the
 * first machine's token to each other one's, cause by cause.
 */
import { isTimed, speedRatio, waterfallBetween } from '@wafer/timing';
import type { Projection } from '@wafer/timing';
import { element, svgText } from '../report/markup.ts';
import {
  PICTURE_HEAD as HEAD,
  PICTURE_MARGIN as MARGIN,
  pictureFrame,
} from '../report/picture-frame.ts';
import { causeChart, causeChartHeight, microseconds, waterfallScaleUs } from './cause-chart.ts';

const WIDTH = 860;
const TITLE_HEIGHT = 34;

/** The picture; undefined where no two machines hold the model. */
export function projectPicture(model: string, machines: readonly Projection[]): string | undefined {
  const [first, ...others] = machines.filter(isTimed);
  if (first === undefined || others.length === 0) return undefined;
  let y = HEAD;
  // One scale, so that the same bar is as long in each panel.
  const mostUs = waterfallScaleUs(
    first.time,
    others.map(({ time }) => time),
  );
  const panels = others.map(({ machine, time }) => {
    const from = { name: first.machine, us: first.time.tokenUs };
    const steps = waterfallBetween(first.time, time).map(({ cause, changeUs: us }) => {
      return { name: cause, us, note: `${us > 0 ? '+' : ''}${microseconds(us)}` };
    });
    const { ratio, low, high } = speedRatio(first.time, time);
    const [times, least, most] = [ratio, low, high].map((value) => value.toPrecision(2));
    const title = `${first.machine} to ${machine}: ${times} times (${least} to ${most})`;
    const width = WIDTH - 2 * MARGIN;
    const chart = causeChart(steps, { width, title, from, to: machine, mostUs });
    const at = y;
    y += causeChartHeight(steps, { width, from }) + TITLE_HEIGHT + MARGIN;
    return [
      svgText({ x: MARGIN, y: at + 20, class: 'h' }, title),
      element('g', { transform: `translate(${MARGIN} ${at + TITLE_HEIGHT})` }, chart),
    ].join('');
  });
  const title = `${model}: a token on ${first.machine}, and on others`;
  const note = 'Microseconds of one user by cause. Computed, nothing ran; no speculation.';
  return pictureFrame({ width: WIDTH, height: y, title, note }, panels);
}
