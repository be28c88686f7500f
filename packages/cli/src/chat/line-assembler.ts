/**
 * Lines that belong together: what was pasted, and what stands between """ and """.
 *
 *     """tell me        one message of two lines,
 *     of wafers"""      on a terminal and through a pipe
 */
const FENCE = '"""';

export class LineAssembler {
  #pasted: string[] = [];
  #block: string[] | undefined;

  /** A line that ended within a paste: more of the message comes. */
  addPasted(line: string): void {
    this.#pasted.push(line);
  }

  /** A line that was entered; the message it completes, if it does. */
  add(line: string): string | undefined {
    const whole = [...this.#pasted, line].join('\n');
    this.#pasted = [];
    if (this.#block === undefined) {
      if (!whole.startsWith(FENCE)) return whole;
      this.#block = [];
      return this.#continue(whole.slice(FENCE.length));
    }
    return this.#continue(whole);
  }

  /** Drops a message that was begun; whether there was one. */
  drop(): boolean {
    const isBegun = this.isOpen || this.#pasted.length > 0;
    this.#pasted = [];
    this.#block = undefined;
    return isBegun;
  }

  /** What is left where the input ends within a block. */
  end(): string | undefined {
    const left = this.#block?.join('\n');
    this.#block = undefined;
    return left;
  }

  /** Whether a block is open. */
  get isOpen(): boolean {
    return this.#block !== undefined;
  }

  #continue(text: string): string | undefined {
    const end = text.indexOf(FENCE);
    this.#block!.push(end < 0 ? text : text.slice(0, end));
    if (end < 0) return undefined;
    const message = this.end()!;
    // The line ends beside the quotes are not meant.
    return message.replace(/^\n/, '').replace(/\n$/, '');
  }
}
