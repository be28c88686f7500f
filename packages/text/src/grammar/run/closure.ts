/**
 * What may be read next: from the end of a leaf, or the start of a grammar, to the leaves behind.
 *
 *     stack = (stack around, node, progress)       thread = (place in a leaf, stack)
 *
 * A sequence keeps its place, a repetition its count, an array and an object what they wait for and
 * how far they are. What ends is resumed from a list, not by recursion: a long text may end as many
 * nodes at once as it has bytes.
 */
import { WaferError } from '@wafer/core';
import { markerBytes } from '../../tokenizer/token-bytes.ts';
import type { GrammarNode, GrammarProgram } from '../program.ts';
import { FIRST_STAGE, ObjectTable } from './frames.ts';
import { Interner } from './interner.ts';
import { DEAD, type LeafKind, Leaves } from './leaves.ts';
import { type JsonMark, markDfa } from './marks.ts';

/** Threads of one configuration: more of them are a grammar that says one thing in many ways. */
const THREADS_MAX = 1024;
const BOTTOM = 0;
/** Where a leaf may end, more than its own thread follows. */
const ENDS = -2;

/** What an array or object waits for the end of; `AT_ITEM` is a key in an object. */
const AT_OPEN = 0;
const AT_ITEM = 1;
const AT_COMMA = 2;
const AT_VALUE = 3;
const PHASES = 4;

interface Ended {
  stack: number;
  label: number;
  text: string;
}

/** What is gathered for one configuration. */
export interface Gathering {
  threads: Set<number>;
  isAccepting: boolean;
  /** Nodes that ended and are still to be resumed. */
  ended: Ended[];
  /** Stacks that were resumed, and turns that were begun. */
  resumed: Set<number>;
  begun: Set<number>;
}

export function newGathering(): Gathering {
  return {
    ...{ threads: new Set(), isAccepting: false, ended: [] },
    ...{ resumed: new Set(), begun: new Set() },
  };
}

export class Closure {
  readonly leaves: Leaves = new Leaves();
  readonly threads: Interner = new Interner(2);
  readonly #program: GrammarProgram;
  readonly #stacks = new Interner(3);
  readonly #objects: ObjectTable;

  constructor(program: GrammarProgram) {
    this.#program = program;
    this.#objects = new ObjectTable(program);
    this.#stacks.idOf(-1, -1, -1);
  }

  /** Gathers what a text may begin with. */
  begin(gathering: Gathering): void {
    this.#enter(this.#program.root, BOTTOM, gathering);
    this.#resumeAll(gathering);
  }

  /** The thread behind a byte that stays inside its leaf; DEAD if none, ENDS if it may end. */
  stepInside(thread: number, byte: number): number {
    const leaf = this.leaves.step(this.threads.at(thread, 0), byte);
    if (leaf === DEAD) return DEAD;
    if (this.leaves.label(leaf) >= 0) return ENDS;
    return this.threads.idOf(leaf, this.threads.at(thread, 1));
  }

  /** Gathers what follows a thread behind a byte. */
  follow(thread: number, byte: number, gathering: Gathering): void {
    const leaf = this.leaves.step(this.threads.at(thread, 0), byte);
    if (leaf === DEAD) return;
    this.#settle(leaf, this.threads.at(thread, 1), gathering);
    this.#resumeAll(gathering);
  }

  #resumeAll(gathering: Gathering): void {
    const { ended } = gathering;
    for (let next = ended.pop(); next; next = ended.pop()) this.#resume(next, gathering);
  }

  /** Adds the thread of a leaf, and what follows if the leaf may end. */
  #settle(leaf: number, stack: number, gathering: Gathering): void {
    if (this.leaves.goesOn(leaf)) {
      gathering.threads.add(this.threads.idOf(leaf, stack));
      if (gathering.threads.size > THREADS_MAX) {
        throw new WaferError('GRAMMAR_LIMIT', { limit: 'readings at once', allowed: THREADS_MAX });
      }
    }
    const label = this.leaves.label(leaf);
    if (label >= 0) gathering.ended.push({ stack, label, text: this.leaves.text(leaf) });
  }

  // ---- nodes

  #enter(id: number, stack: number, gathering: Gathering): void {
    const node = this.#program.nodes[id]!;
    switch (node.kind) {
      case 'token':
      case 'text':
      case 'string':
        return this.#enterLeaf(
          { name: leafName(node), make: () => leafOf(node, this.#program) },
          stack,
          gathering,
        );
      case 'choice':
        for (const part of node.of) this.#enter(part, stack, gathering);
        return undefined;
      case 'sequence':
        return this.#enterPart(id, { index: 0, stack }, gathering);
      case 'repeat':
        if (node.min === 0) end(stack, gathering);
        return this.#enterTurn(id, { count: 0, stack }, gathering);
      case 'array':
      case 'list':
        return this.#enterMark('openArray', this.#stacks.idOf(stack, id, AT_OPEN), gathering);
      case 'object': {
        const progress = this.#objects.stageId(FIRST_STAGE) * PHASES + AT_OPEN;
        return this.#enterMark('openObject', this.#stacks.idOf(stack, id, progress), gathering);
      }
    }
  }

  #enterLeaf(
    kind: { name: string; make: () => Omit<LeafKind, 'facts'> },
    stack: number,
    gathering: Gathering,
  ): void {
    const leaf = this.leaves.start(this.leaves.kind(kind.name, kind.make));
    if (leaf !== DEAD) this.#settle(leaf, stack, gathering);
  }

  #enterMark(mark: JsonMark, stack: number, gathering: Gathering): void {
    this.#enterLeaf({ name: mark, make: () => markLeaf(mark) }, stack, gathering);
  }

  /** The last part of a sequence takes its place: what recurs on the right needs no stack. */
  #enterPart(id: number, at: { index: number; stack: number }, gathering: Gathering): void {
    const { index, stack } = at;
    const { of } = this.#program.nodes[id] as GrammarNode & { kind: 'sequence' };
    if (index === of.length) return end(stack, gathering);
    const around = index === of.length - 1 ? stack : this.#stacks.idOf(stack, id, index);
    this.#enter(of[index]!, around, gathering);
  }

  #enterTurn(id: number, at: { count: number; stack: number }, gathering: Gathering): void {
    const { min, max, of } = this.#program.nodes[id] as GrammarNode & { kind: 'repeat' };
    if (at.count >= max) return;
    const count = max === Infinity ? Math.min(at.count + 1, Math.max(min, 1)) : at.count + 1;
    const around = this.#stacks.idOf(at.stack, id, count);
    if (gathering.begun.has(around)) return;
    gathering.begun.add(around);
    this.#enter(of, around, gathering);
  }

  // ---- what follows the end of a node

  #resume(ended: Ended, gathering: Gathering): void {
    const { stack } = ended;
    if (stack === BOTTOM) {
      gathering.isAccepting = true;
      return;
    }
    const parent = this.#stacks.at(stack, 0);
    const id = this.#stacks.at(stack, 1);
    const progress = this.#stacks.at(stack, 2);
    // Only keys end in more than one way.
    const isKey = id >= 0 && this.#program.nodes[id]!.kind === 'object' && progress % PHASES === 1;
    if (!isKey && gathering.resumed.has(stack)) return;
    gathering.resumed.add(stack);
    if (id < 0) return this.#enter(-id - 2, parent, gathering); // the value behind a colon
    const node = this.#program.nodes[id]!;
    if (node.kind === 'sequence') {
      this.#enterPart(id, { index: progress + 1, stack: parent }, gathering);
    } else if (node.kind === 'repeat') {
      if (progress >= node.min) end(parent, gathering);
      // A turn of nothing begins no other.
      if (gathering.begun.has(stack)) return;
      this.#enterTurn(id, { count: progress, stack: parent }, gathering);
    } else if (node.kind === 'array' || node.kind === 'list') {
      this.#resumeArray(id, { node, parent, progress }, gathering);
    } else if (node.kind === 'object') {
      this.#resumeObject(id, { parent, progress, ...ended }, gathering);
    }
  }

  #resumeArray(
    id: number,
    at: { node: GrammarNode & { kind: 'array' | 'list' }; parent: number; progress: number },
    gathering: Gathering,
  ): void {
    const { node, parent, progress } = at;
    const phase = progress % PHASES;
    const index = (progress - phase) / PHASES;
    const { mayClose, moves } = listState(node, index);
    if (phase === AT_ITEM) {
      if (mayClose) this.#enterMark('closeArray', parent, gathering);
      const around = this.#stacks.idOf(parent, id, index * PHASES + AT_COMMA);
      if (moves.length > 0) this.#enterMark('comma', around, gathering);
      return;
    }
    if (phase === AT_OPEN && mayClose) this.#enterMark('emptyArray', parent, gathering);
    for (const { item, to } of moves) {
      this.#enter(item, this.#stacks.idOf(parent, id, to * PHASES + AT_ITEM), gathering);
    }
  }

  #resumeObject(
    id: number,
    at: { parent: number; progress: number; label: number; text: string },
    gathering: Gathering,
  ): void {
    const { parent, progress } = at;
    const phase = progress % PHASES;
    const stageId = (progress - phase) / PHASES;
    const stage = this.#objects.stage(stageId);
    const rules = this.#objects.rules(id);
    if (phase === AT_ITEM) {
      const after = this.#objects.stageId(rules.after(stage, at.label, at.text));
      const next = after * PHASES + AT_VALUE;
      const value = -2 - rules.node.classes[at.label]!.value;
      const around = this.#stacks.idOf(this.#stacks.idOf(parent, id, next), value, 0);
      return this.#enterMark('colon', around, gathering);
    }
    const end = phase === AT_OPEN ? 'emptyObject' : 'closeObject';
    if (phase !== AT_COMMA && rules.mayClose(stage)) this.#enterMark(end, parent, gathering);
    const name = `k${id}.${stageId}`;
    const key = { name, make: () => rules.keyLeaf(stage) };
    if (phase === AT_VALUE) {
      if (this.leaves.start(this.leaves.kind(name, key.make)) === DEAD) return;
      const around = this.#stacks.idOf(parent, id, stageId * PHASES + AT_COMMA);
      return this.#enterMark('comma', around, gathering);
    }
    return this.#enterLeaf(
      key,
      this.#stacks.idOf(parent, id, stageId * PHASES + AT_ITEM),
      gathering,
    );
  }
}

/** A node ends that says nothing of how. */
function end(stack: number, gathering: Gathering): void {
  gathering.ended.push({ stack, label: 0, text: '' });
}

/** What an array takes at item `index`, or at a state of its own. */
function listState(
  node: GrammarNode & { kind: 'array' | 'list' },
  index: number,
): { mayClose: boolean; moves: readonly { item: number; to: number }[] } {
  if (node.kind === 'list') return node.states[index]!;
  const { items, rest, min, max } = node;
  const mayClose = index >= min;
  const item = index < items.length ? items[index] : rest;
  if (index >= max || item === undefined) return { mayClose, moves: [] };
  // Without a bound above, places behind all that matters are one.
  const to = max === Infinity ? Math.min(index + 1, Math.max(items.length, min)) : index + 1;
  return { mayClose, moves: [{ item, to }] };
}

const PLAIN_LEAF = { isAllowed: () => true, min: 0, max: Infinity, isTracked: false };

/** The same for leaves that read the same, wherever they stand: they share their places. */
function leafName(node: GrammarNode & { kind: 'token' | 'text' | 'string' }): string {
  if (node.kind === 'token') return `token ${node.token}`;
  if (node.kind === 'text') return `text ${node.dfa}`;
  return `string ${node.dfa} ${node.min} ${node.max}`;
}

function leafOf(
  node: GrammarNode & { kind: 'token' | 'text' | 'string' },
  { dfas }: GrammarProgram,
): Omit<LeafKind, 'facts'> {
  if (node.kind === 'token') {
    const marker = markerBytes(node.token);
    return { ...PLAIN_LEAF, marker, dfa: undefined, isString: false };
  }
  const dfa = node.dfa === undefined ? undefined : dfas[node.dfa]!;
  if (node.kind === 'text') return { ...PLAIN_LEAF, dfa, isString: false };
  return { ...PLAIN_LEAF, dfa, isString: true, min: node.min, max: node.max };
}

function markLeaf(mark: JsonMark): Omit<LeafKind, 'facts'> {
  return { ...PLAIN_LEAF, dfa: markDfa(mark), isString: false };
}
