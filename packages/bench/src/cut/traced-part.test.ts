import { auditSteps } from '@wafer/core';
import { Wafer } from '@wafer/runtime';
import { expect, test } from 'vitest';
import { channelMatrix, fabricChart, fabricData } from '../report/fabric-chart.ts';
import { sliderControl, sliderScript } from '../report/fabric-slider.ts';
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
