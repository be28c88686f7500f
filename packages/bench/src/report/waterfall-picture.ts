/**
 * The waterfalls as one picture that stands alone, light or dark as the reader prefers.
 */
import { maxOf } from '@wafer/core';
import type { DescribedPart } from '../cut/described-part.ts';
import { element } from './markup.ts';
import { PICTURE_HEAD as HEAD, PICTURE_MARGIN as MARGIN, pictureFrame } from './picture-frame.ts';
import { FALL_WIDTH, fallHeight, fallMarks } from './waterfall-chart.ts';

const GAP = 34;

/** One column per model, one row per all-reduce. */
export function waterfallPicture(part: DescribedPart): string {
  const { waterfalls, machine, link, chips } = part;
  const kinds = [...new Set(waterfalls.map(({ collective }) => collective))];
  const models = [...new Set(waterfalls.map(({ model }) => model))];
  const panelHeight = maxOf(waterfalls.map(fallHeight), 0) + 20;
  const width = 2 * MARGIN + models.length * FALL_WIDTH + (models.length - 1) * GAP;
  const height = HEAD + MARGIN + kinds.length * panelHeight;
  const panels = waterfalls.map((fall, i) => {
    const x = MARGIN + models.indexOf(fall.model) * (FALL_WIDTH + GAP);
    const y = HEAD + MARGIN / 2 + kinds.indexOf(fall.collective) * panelHeight;
    return element('g', { transform: `translate(${x} ${y})` }, fallMarks(fall, `fall-${i}`));
  });
  const title = `From an uncut wafer to ${chips} × ${machine} over ${link}`;
  const note =
    'Tokens/s of one sequence, one cause of delay turned on after the other. ' +
    'Striped: lost to that cause.';
  return pictureFrame({ width, height, title, note }, panels);
}
