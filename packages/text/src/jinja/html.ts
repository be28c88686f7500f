/**
 * Escaping for HTML, and texts that are safe in it.
 *
 * Source: MarkupSafe, "Working with safe text".
 */
import { mapText } from './text.ts';
import { Markup, type Value } from './values.ts';
import { write } from './write.ts';

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&#34;',
  "'": '&#39;',
};

/** A value as safe text: what is safe already stays as it is. */
export function escapeHtml(value: Value): Markup {
  return value instanceof Markup ? value : new Markup(escapeText(write(value)));
}

/** Characters that mean something in HTML, by their names. */
export function escapeText(text: string): string {
  return mapText(text, (part) => part.replace(/[&<>"']/g, (char) => ENTITIES[char] ?? char));
}
