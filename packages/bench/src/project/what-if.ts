/**
 * Sliders of a projection: what each cause takes, from nothing to twice what is charged, and what
 * that leaves of every machine's speed. Causes have one owner and add up, so the time of a token
 * under any setting is a sum that a page can do:
 *
 *   token = sum over causes of (slider * microseconds of the cause)
 *
 * The script is text, as it runs in a browser; it knows nothing but the data beside it.
 */
import { CAUSES } from '@wafer/timing';
import type { Cause, ProjectedTime } from '@wafer/timing';
import { element, escapeText } from '../report/markup.ts';
import { digits } from './page-figures.ts';

/** A machine and what its token is made of. */
export interface WhatIfMachine {
  readonly machine: string;
  readonly time: Pick<ProjectedTime, 'causes' | 'tokenUs'>;
}

const PERCENT_MAX = 200;

const SCRIPT = `
(() => {
  const machines = JSON.parse(document.getElementById('what-if-data').textContent);
  const sliders = [...document.querySelectorAll('[data-cause]')];
  const speed = (causes) => 1e6 / sliders.reduce((us, slider) =>
    us + (causes[slider.dataset.cause] ?? 0) * slider.value / 100, 0);
  const digits = (value) => value >= 1000 ? Math.round(value).toLocaleString('en-US')
    : String(Number(value.toPrecision(3)));
  const show = () => {
    for (const slider of sliders) {
      const said = slider.value + ' %';
      slider.nextElementSibling.textContent = said;
      slider.setAttribute('aria-valuetext', said);
    }
    const [first] = machines;
    for (const [i, { causes }] of machines.entries()) {
      const rate = speed(causes);
      const cells = document.getElementById('what-if-' + i).children;
      cells[1].textContent = Number.isFinite(rate) ? digits(rate) : 'no bound';
      cells[2].textContent = i === 0 ? '' : digits(speed(first.causes) / rate);
    }
  };
  for (const slider of sliders) slider.addEventListener('input', show);
  show();
})();`;

/** Sliders for the causes that any machine has, and the speeds that they leave. */
export function whatIf(machines: readonly WhatIfMachine[], whose = 'one user'): string {
  const causes = CAUSES.filter((cause) => machines.some(({ time }) => time.causes[cause] > 0));
  const rows = machines.map(({ machine, time }, i) => {
    const ratio = i === 0 ? '' : digits(time.tokenUs / machines[0]!.time.tokenUs);
    const cells = [machine, digits(1e6 / time.tokenUs), ratio];
    const id = `what-if-${i}`;
    return element('tr', { id }, ...cells.map((cell) => element('td', {}, escapeText(cell))));
  });
  const head = ['machine', `tokens/s of ${whose}`, `${machines[0]?.machine ?? ''} over it`];
  const titles = head.map((title) => element('th', {}, escapeText(title)));
  return [
    ...causes.map(slider),
    element(
      'div',
      { class: 'table', tabindex: 0 },
      element(
        'table',
        {},
        element('thead', {}, element('tr', {}, ...titles)),
        element('tbody', {}, ...rows),
      ),
    ),
    dataOf(machines),
    element('script', {}, SCRIPT),
  ].join('');
}

function slider(cause: Cause, place: number): string {
  const id = `cause-${place}`;
  const name = escapeText(cause);
  const range = `type="range" min="0" max="${PERCENT_MAX}" value="100"`;
  return element(
    'div',
    { class: 'slider' },
    element('label', { for: id }, name),
    `<input id="${id}" data-cause="${name}" ${range}>`,
    element('output', { for: id }, '100 %'),
  );
}

function dataOf(machines: readonly WhatIfMachine[]): string {
  const data = machines.map(({ machine, time: { causes } }) => ({ machine, causes }));
  // No text of the data can end the element that holds it.
  const json = JSON.stringify(data).replaceAll('<', '\\u003c');
  return element('script', { type: 'application/json', id: 'what-if-data' }, json);
}
