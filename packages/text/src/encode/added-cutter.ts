/** Finds added tokens in text: leftmost, then longest. */
import type { AddedToken } from './encoder-spec.ts';
import { trimEnd } from './normalizers.ts';
import { Trie } from './trie.ts';

/** An added token, or text between two of them. */
export interface Section {
  text: string;
  id: number | undefined;
}

const WORD = /[\p{Alphabetic}\p{M}\p{Nd}\p{Pc}]/u;
const SPACE = /\p{White_Space}/u;

export class AddedCutter {
  readonly #added: readonly AddedToken[];
  readonly #trie = new Trie();

  constructor(added: readonly AddedToken[]) {
    this.#added = added;
    added.forEach(({ content }, index) => this.#trie.add(content, index));
  }

  cut(text: string): Section[] {
    const sections: Section[] = [];
    let end = 0;
    for (let at = 0; at < text.length && this.#added.length > 0; at++) {
      const token = this.#tokenAt(text, at);
      if (token === undefined) continue;
      let before = text.slice(end, at);
      if (token.stripsLeft) before = trimEnd(before);
      if (before !== '') sections.push({ text: before, id: undefined });
      sections.push({ text: token.content, id: token.id });
      end = at + token.content.length;
      if (token.stripsRight) while (SPACE.test(text.charAt(end))) end++;
      at = end - 1;
    }
    if (end < text.length) sections.push({ text: text.slice(end), id: undefined });
    return sections;
  }

  #tokenAt(text: string, start: number): AddedToken | undefined {
    let found: AddedToken | undefined;
    let node = this.#trie.child(Trie.ROOT, text.charCodeAt(start));
    for (let at = start + 1; node >= 0; at++) {
      const token = this.#added[this.#trie.valueAt(node)];
      if (token !== undefined && isFree(text, start, token)) found = token;
      if (at >= text.length) break;
      node = this.#trie.child(node, text.charCodeAt(at));
    }
    return found;
  }
}

/** Whether nothing of a word touches a token that is a word of its own. */
function isFree(text: string, start: number, { isWord, content }: AddedToken): boolean {
  if (!isWord) return true;
  return !WORD.test(text.charAt(start - 1)) && !WORD.test(text.charAt(start + content.length));
}
