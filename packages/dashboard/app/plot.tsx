/**
 * Lines over time, by uPlot; colors follow the scheme of the page, dashes tell lines apart too.
 */
import { useEffect, useRef } from 'preact/hooks';
import UPlot from 'uplot';

export interface Line {
  name: string;
  values: readonly number[];
}

const COLORS = ['--c1', '--c2', '--c3', '--c4', '--c0'];
const DASHES = [[], [7, 3], [2, 3], [9, 3, 2, 3], [4, 4]];
const HEIGHT = 170;

export function Plot({
  label,
  seconds,
  lines,
}: {
  label: string;
  seconds: readonly number[];
  lines: readonly Line[];
}) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<UPlot>(undefined);
  const names = lines.map(({ name }) => name).join('\n');
  useEffect(() => {
    const element = place.current!;
    const draw = (): void => {
      plot.current?.destroy();
      plot.current = new UPlot(
        optionsOf(element, names.split('\n')),
        [[], ...lines.map(() => [])],
        element,
      );
    };
    draw();
    const scheme = matchMedia('(prefers-color-scheme: dark)');
    scheme.addEventListener('change', draw);
    const watch = new ResizeObserver(() =>
      plot.current?.setSize({ width: element.clientWidth, height: HEIGHT }),
    );
    watch.observe(element);
    return () => {
      scheme.removeEventListener('change', draw);
      watch.disconnect();
      plot.current?.destroy();
    };
  }, [names]);
  useEffect(() => {
    plot.current?.setData([[...seconds], ...lines.map(({ values }) => [...values])]);
  });
  const last = lines
    .map(({ name, values }) => `${name} ${(values.at(-1) ?? 0).toFixed(1)}`)
    .join(', ');
  return <div class="chart" ref={place} role="img" aria-label={`${label}, now: ${last}`} />;
}

function optionsOf(element: HTMLElement, names: readonly string[]): UPlot.Options {
  const style = getComputedStyle(element);
  const color = (name: string): string => style.getPropertyValue(name).trim();
  const axis = {
    stroke: color('--muted'),
    grid: { stroke: color('--grid') },
    ticks: { stroke: color('--grid') },
  };
  return {
    width: element.clientWidth,
    height: HEIGHT,
    cursor: { show: false },
    legend: { live: false },
    scales: { x: { time: false }, y: { range: (_plot, _min, max) => [0, Math.max(1, max * 1.1)] } },
    axes: [
      { ...axis, values: (_plot, ticks) => ticks.map((tick) => `${tick}s`) },
      { ...axis, size: 44 },
    ],
    series: [
      {},
      ...names.map((label, i) => ({
        label,
        stroke: color(COLORS[i % COLORS.length]!),
        dash: DASHES[i % DASHES.length]!,
        width: 2,
        points: { show: false },
      })),
    ],
  };
}
