/**
 * Cuts streamed text at markers, however the stream itself is cut.
 *
 *     "a<thi" "nk>b"  →  text "a", marker "<think>", text "b"
 *
 * Held back is only what may be the beginning of a marker. Texts may come in several parts; joined,
 * they are the same for every cut, so a reader that treats each part alike gives equal answers.
 */
export interface LexerTarget {
  text(text: string): void;
  marker(marker: string): void;
}

export class MarkerLexer {
  readonly #markers: readonly string[];
  readonly #target: LexerTarget;
  readonly #first: RegExp;
  #held = '';

  /** No marker may begin another. */
  constructor(markers: readonly string[], target: LexerTarget) {
    this.#markers = markers;
    this.#target = target;
    const firsts = new Set(markers.map((marker) => RegExp.escape(marker.charAt(0))));
    this.#first = new RegExp([...firsts].join('|'), 'g');
  }

  push(text: string): void {
    const all = this.#held + text;
    let end = 0; // of what was handed on
    let index = this.#next(all, 0);
    for (; index !== -1; index = this.#next(all, index)) {
      const rest = all.slice(index, index + MARKER_LENGTH_MAX);
      const marker = this.#markers.find((known) => rest.startsWith(known));
      if (marker !== undefined) {
        this.#emit(all.slice(end, index));
        this.#target.marker(marker);
        index += marker.length;
        end = index;
      } else if (this.#markers.some((known) => known.startsWith(rest))) {
        break;
      } else {
        index++;
      }
    }
    const certain = index === -1 ? all.length : index;
    this.#emit(all.slice(end, certain));
    this.#held = all.slice(certain);
  }

  /** What is held back begins no marker after all. */
  finish(): void {
    const held = this.#held;
    this.#held = '';
    this.#emit(held);
  }

  #next(text: string, from: number): number {
    this.#first.lastIndex = from;
    return this.#first.exec(text)?.index ?? -1;
  }

  #emit(text: string): void {
    if (text !== '') this.#target.text(text);
  }
}

/** Every marker is shorter. */
const MARKER_LENGTH_MAX = 32;
