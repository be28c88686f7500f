/**
 * Chunks as JSON text, of which the most are made once but for their choice.
 *
 *     {"id":…,"choices":[ choice ],"usage":null}
 *     └─ written once ──┘        └─ written once ─┘
 *
 * What a chunk has around its choice is the same for a whole stream, and longer than the choice.
 */
const MARK = '\u0000';
const MARK_TEXT = JSON.stringify(MARK);

export class ChunkText {
  readonly #before: string;
  readonly #behind: string;

  /** `chunkOf` makes the chunk of a choice, which stands behind all that clients say. */
  constructor(chunkOf: (choice: unknown) => object) {
    const text = JSON.stringify(chunkOf(MARK));
    const at = text.lastIndexOf(MARK_TEXT);
    this.#before = text.slice(0, at);
    this.#behind = text.slice(at + MARK_TEXT.length);
  }

  /** The text of the chunk with this choice. */
  of(choice: object): string {
    return this.#before + JSON.stringify(choice) + this.#behind;
  }
}
