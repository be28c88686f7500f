/**
 * Shows an answer as it comes: thinking in italics and on standard error, what was said and called
 * on standard output, each part on lines of its own.
 */
import type { ChatPiece } from '@wafer/runtime';
import { drawControls } from '../terminal/terminal.ts';
import type { Terminal } from '../terminal/terminal.ts';

type Part = 'reasoning' | 'content';

export class AnswerPrinter {
  readonly #terminal: Terminal;
  #part: Part | undefined;
  #isLineOpen = false;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  async add({ reasoning, content, toolCalls }: ChatPiece): Promise<void> {
    if (reasoning !== '') await this.#show('reasoning', reasoning);
    if (content !== '') await this.#show('content', content);
    for (const { name, arguments: given } of toolCalls) {
      await this.endLine();
      const call = drawControls(`${name}(${JSON.stringify(given)})`);
      await this.#terminal.write(`${this.#terminal.style('strong', `→ ${call}`)}\n`);
    }
  }

  /** Ends a line that is open. */
  async endLine(): Promise<void> {
    if (!this.#isLineOpen) return;
    this.#isLineOpen = false;
    if (this.#part === 'reasoning') this.#terminal.endParts();
    else await this.#terminal.write('\n');
  }

  async #show(part: Part, text: string): Promise<void> {
    if (this.#part !== part) await this.endLine();
    this.#part = part;
    this.#isLineOpen = !text.endsWith('\n');
    if (part === 'reasoning') this.#terminal.sayPart(text);
    else await this.#terminal.writeText(text);
  }
}
