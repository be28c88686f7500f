/**
 * The script of the page: moves the marks of the fabric to the slice that the slider names.
 *
 * It is text, as it runs in a browser; it knows nothing but data attributes and the data beside it.
 */
import { BAR_HEIGHT, LINK_WIDTH_MAX } from './fabric-chart.ts';
import type { FabricData } from './fabric-chart.ts';
import { element } from './markup.ts';

const SCRIPT = `
(() => {
  const data = JSON.parse(document.getElementById('fabric-data').textContent);
  const slider = document.getElementById('fabric-slider');
  const when = document.getElementById('fabric-when');
  const each = (name, act) => {
    for (const mark of document.querySelectorAll('[data-' + name + ']')) act(mark, mark.dataset);
  };
  const show = () => {
    const slice = data.slices[Number(slider.value)];
    each('kind', (mark, { tile, kind, base }) => {
      const height = Math.min(1, slice.tiles[tile][kind]) * ${BAR_HEIGHT};
      mark.setAttribute('height', height);
      mark.setAttribute('y', base - height);
    });
    each('link', (mark, { link }) =>
      mark.setAttribute('stroke-width',
        Math.sqrt(slice.links[link] / data.linkBytesMax) * ${LINK_WIDTH_MAX}));
    each('pair', (mark, { pair }) =>
      mark.setAttribute('fill-opacity', Math.sqrt(slice.pairs[pair] / data.pairBytesMax)));
    const total = slice.pairs.reduce((sum, count) => sum + count, 0);
    when.textContent = slice.startMs.toFixed(1) + ' to ' + slice.endMs.toFixed(1) + ' ms: ' +
      total.toLocaleString('en-US') + ' bytes sent';
    slider.setAttribute('aria-valuetext', when.textContent);
  };
  slider.addEventListener('input', show);
  show();
})();`;

/** The data and the script that shows it. */
export function sliderScript(data: FabricData): string {
  // No text of the data can end the element that holds it.
  const json = JSON.stringify(data).replaceAll('<', '\\u003c');
  return (
    element('script', { type: 'application/json', id: 'fabric-data' }, json) +
    element('script', {}, SCRIPT)
  );
}

/** The slider and what it says. */
export function sliderControl(data: FabricData): string {
  const last = data.slices.length - 1;
  const named = { id: 'fabric-slider', 'aria-label': 'Time slice of the traced pass' };
  const range = { type: 'range', min: 0, max: last, step: 1, value: 0 };
  const attributes = Object.entries({ ...named, ...range })
    .map(([key, value]) => `${key}="${value}"`)
    .join(' ');
  return element(
    'div',
    { class: 'slider' },
    `<input ${attributes}>`,
    element('output', { id: 'fabric-when', for: 'fabric-slider' }),
  );
}
