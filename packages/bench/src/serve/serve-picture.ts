/**
 * What a bench of a server found, as one picture that stands alone, light or dark as the reader
 * prefers: goodput by load, and how long first tokens took.
 */
import { settingLines } from '../machine.ts';
import { element, svgText } from '../report/markup.ts';
import {
  PICTURE_HEAD as HEAD,
  PICTURE_MARGIN as MARGIN,
  pictureFrame,
} from '../report/picture-frame.ts';
import { CURVE_STYLE } from '../report/style.ts';
import type { ServeResults } from './run-serve.ts';
import { goodputChart, waitsChart } from './serve-page.ts';

const WIDTH = 860;
const TITLE_HEIGHT = 30;
const KEY_HEIGHT = 18;

/** The picture. */
export function servePicture({ servers, workload, limits, setting }: ServeResults): string {
  let y = HEAD;
  const panels: string[] = [];
  const put = (title: string, chart: string, height: number): void => {
    panels.push(
      svgText({ x: MARGIN, y: y + 18, class: 'h' }, title),
      element('g', { transform: `translate(${MARGIN} ${y + TITLE_HEIGHT})` }, chart),
    );
    y += height + TITLE_HEIGHT + MARGIN;
  };
  const width = WIDTH - 2 * MARGIN;
  servers.forEach((server, i) => {
    const { name, model, rows } = server;
    const served = `${name}, ${model}: served within ${limits.ttftMs} ms and ${limits.tokenMs} ms`;
    put(`${served} per token`, goodputChart(server, { width, id: `p${i}` }), 64 + 27 * rows.length);
    const waits = waitsChart(server, width);
    put(
      'First tokens in milliseconds, share of answers',
      waits,
      250 + KEY_HEIGHT * Math.min(5, rows.length),
    );
  });
  const style = element('style', {}, CURVE_STYLE);
  const note = settingLines(setting).join(' · ');
  return pictureFrame({ width: WIDTH, height: y, title: workload, note }, [style, ...panels]);
}
