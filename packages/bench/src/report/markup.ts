/**
 * Markup as text: elements of HTML and SVG whose attributes and texts are escaped on the way in.
 *
 * Children are markup; whatever came from outside (names of models, of machines) passes
 * `escapeText` or `svgText` first, as a name may hold anything.
 */

type Attributes = Readonly<Record<string, string | number | undefined>>;

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text as markup that shows it, in content and in attributes. Control characters are left out. */
export function escapeText(text: string): string {
  return (
    text
      // oxlint-disable-next-line no-control-regex -- no document may hold them
      .replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '')
      .replaceAll(/[&<>"']/g, (character) => ENTITIES[character]!)
  );
}

/** An element; attributes that are undefined are left out. */
export function element(
  name: string,
  attributes: Attributes,
  ...children: readonly string[]
): string {
  const given = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}="${escapeText(attribute(value!))}"`)
    .join('');
  return `<${name}${given}>${children.join('')}</${name}>`;
}

/** A line of text in a drawing. Its class says size and color, its anchor where it is held. */
export function svgText(
  at: { x: number; y: number; class?: string; anchor?: 'end' | 'middle' },
  text: string,
): string {
  const { x, y, anchor } = at;
  return element('text', { x, y, class: at.class, 'text-anchor': anchor }, escapeText(text));
}

/** A drawing of its own, with a name and a description for who cannot see it. */
export function drawing(
  size: { width: number; height: number; class: string },
  title: string,
  ...children: readonly string[]
): string {
  const { width, height } = size;
  return element(
    'svg',
    {
      class: size.class,
      viewBox: `0 0 ${width} ${attribute(height)}`,
      width,
      height,
      role: 'img',
      'aria-label': title,
      xmlns: 'http://www.w3.org/2000/svg',
    },
    ...children,
  );
}

/** Stripes in the color of a class, so that color is not alone in telling things apart. */
export function stripes(id: string, color: string): string {
  return element(
    'pattern',
    {
      id,
      width: 6,
      height: 6,
      patternUnits: 'userSpaceOnUse',
      patternTransform: 'rotate(45)',
    },
    element('rect', { width: 6, height: 6, class: `${color} faint` }),
    element('rect', { width: 2.5, height: 6, class: color }),
  );
}

function attribute(value: string | number): string {
  return typeof value === 'string' ? value : String(Math.round(value * 100) / 100);
}
