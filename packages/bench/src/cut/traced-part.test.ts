import { auditSteps } from '@wafer/core';
import { Wafer } from '@wafer/runtime';
import { expect, test } from 'vitest';
import { channelMatrix, fabricChart, fabricData } from '../report/fabric-chart.ts';
import { sliderControl, sliderScript } from '../report/fabric-slider.ts';
import { timelineChart } from '../report/timeline-chart.ts';
import { filledBytes, waferPicture } from '../report/wafer-picture.ts';
import { placementOf } from './placement.ts';
import { tokenTimeline } from './token-timeline.ts';
import type { TracedRun } from './token-timeline.ts';
import { fabricTrace } from './traced-part.ts';

test('slices of a traced run add up to the audit of every channel, and to the time', async () => {
  await using wafer = await Wafer.start({
    model: 'synthetic:tiny',
    grid: '2x2',
    dice: '2x1',
    threads: 2,
    traceRecords: 20_000,
    recordSteps: true,
  });
  for await (const _ of wafer.generate([1, 300, 3], { maxTokens: 4, temperature: 0 })) void _;
  const { steps } = await wafer.metrics();
  const chipOf = [0, 1, 0, 1];
  const run = { plan: wafer.plan, steps: steps!, firstStep: 0, chipOf, link: 'port' };
  const trace = fabricTrace(wafer.trace(), run);
  const wanted = auditSteps(wafer.plan, steps!).map(({ payloadBytes }) => payloadBytes);
  const sums = wanted.map((_, channel) =>
    trace.slices.reduce((sum, slice) => sum + slice.channelBytes[channel]!, 0),
  );
  expect(sums).toEqual(wanted);
  expect(trace.channels.some(({ isKerf }) => isKerf)).toBe(true);
  for (const { tiles } of trace.slices) {
    for (const { compute, send, wait } of tiles) {
      expect(compute + send + wait).toBeLessThanOrEqual(1.001);
    }
  }
  expectTimeline(wafer, run);
  const data = fabricData(trace);
  const bytes = data.slices.flatMap(({ pairs }) => pairs).reduce((sum, count) => sum + count, 0);
  expect(bytes).toBe(wanted.reduce((sum, count) => sum + count, 0));
  const svg = fabricChart(trace, data, { width: 340, id: 'f' });
  expect(svg.match(/data-kind=/g)).toHaveLength(4 * 3);
  expect(svg.match(/data-link=/g)).toHaveLength(data.links.length);
  expect(svg).toContain('class="cut"');
  expect(channelMatrix(trace, data, 300)?.match(/data-pair=/g)).toHaveLength(data.pairs.length);
  expect(sliderControl(data)).toContain('max="47"');
  expect(sliderScript(data).match(/<\/script>/g)).toHaveLength(2);
});

/** A token's messages are those of the audit, and its picture has a row per tile. */
function expectTimeline(wafer: Wafer, run: TracedRun): void {
  const timeline = tokenTimeline(wafer.trace(), run)!;
  const audit = auditSteps(wafer.plan, [run.steps[timeline.step]!]);
  const sum = (values: readonly number[]): number => values.reduce((all, value) => all + value, 0);
  expect(timeline.messages).toHaveLength(sum(audit.map(({ messages }) => messages)));
  const payload = sum(audit.map(({ payloadBytes }) => payloadBytes));
  expect(sum(timeline.messages.map(({ bytes }) => bytes))).toBe(payload);
  expect(new Set(timeline.spans.map(({ tile }) => tile)).size).toBe(4);
  expect(Math.max(...timeline.spans.map(({ endUs }) => endUs))).toBeCloseTo(timeline.lengthUs, 6);
  const grid = { width: 2, height: 2 };
  const svg = timelineChart(timeline, { width: 900, id: 't', grid });
  expect(svg.match(/<path class="mark wire/g)).toHaveLength(timeline.messages.length);
  const kerfs = timeline.messages.filter(({ isKerf }) => isKerf);
  expect(svg.match(/wire kerf thin/g)).toHaveLength(kerfs.length);
  // What fills a tile is what the plan says, and the fullest is as high as the scale.
  const placement = placementOf(wafer.plan, run.chipOf);
  for (const [tile, { fill }] of placement.tiles.entries()) {
    expect(filledBytes(fill)).toBe(wafer.plan.tiles[tile]!.sramBytes);
  }
  const picture = waferPicture(placement, { width: 900, id: 'p' });
  expect(picture.match(/class="tile"/g)).toHaveLength(4);
  expect(picture.match(/class="cut"/g)).toHaveLength(2);
  const heights = [...picture.matchAll(/<rect class="mark[^>]* height="([\d.]+)"/g)].map(
    ([, height]) => Number(height),
  );
  const byTile = [0, 1, 2, 3].map((tile) => sum(heights.slice(4 * tile, 4 * tile + 4)));
  expect(Math.max(...byTile)).toBeCloseTo(84, 0);
}
