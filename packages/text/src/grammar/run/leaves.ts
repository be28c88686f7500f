/**
 * Where a text stands inside one leaf of a grammar, byte by byte.
 *
 *     text     characters as UTF-8                         a  é (2 bytes)
 *     string   a quote, characters or escapes, a quote     "a é \u00e9 \n"
 *     marker   the bytes that stand for a special token
 *
 * A place is a state of the leaf's automaton and, inside a character, the range of the characters
 * that its bytes so far may still become; an escape is such a range, too. Places are numbered, and
 * where a byte leads from a place is worked out once.
 */
import type { Dfa } from '../dfa/dfa.ts';
import { edgeAt } from '../dfa/dfa.ts';
import { ByteRows, UNKNOWN } from './byte-rows.ts';
import { dfaFacts, type DfaFacts } from './dfa-facts.ts';

/** What a leaf reads: which automaton, in which writing, with which labels. */
export interface LeafKind {
  /** Bytes of a special token, which is all that it reads. */
  marker?: Uint8Array | undefined;
  /** Undefined: any characters. */
  dfa: Dfa | undefined;
  facts: DfaFacts | undefined;
  isString: boolean;
  /** Whether a label of the automaton may be accepted here. */
  isAllowed: (label: number) => boolean;
  min: number;
  max: number;
  /** Whether places tell texts apart, so that an object knows its keys. */
  isTracked: boolean;
}

/** Where a place is: before the opening quote, between characters, inside one, behind the end. */
const OPEN = 0;
const BODY = 1;
const UTF8 = 2;
const ESCAPE = 3;
const HEX = 4;
const PAIR_SLASH = 5;
const PAIR_U = 6;
const DONE = 7;
/** Inside a special token; `state` is how many of its bytes are there. */
const MARKER = 8;

export interface Place {
  kind: LeafKind;
  part: number;
  state: number;
  count: number;
  /** Characters that what was begun may become. */
  low: number;
  high: number;
  /** Bytes or digits that are missing. */
  missing: number;
  /** The text so far, where it is tracked. */
  text: string;
}

export const DEAD = -1;
const COUNTS = 2 ** 20;
const QUOTE = 0x22;
const SLASH = 0x5c;
const SHORT_ESCAPES = new Map<number, number>(
  Array.from('"\\/bfnrt', (char, i) => [char.charCodeAt(0), '"\\/\b\f\n\r\t'.charCodeAt(i)]),
);

export class Leaves {
  readonly #kinds = new Map<string, LeafKind>();
  readonly #kindIds = new Map<LeafKind, number>();
  readonly #unboundedKinds = new Map<LeafKind, LeafKind>();
  readonly #ids = new Map<string, number>();
  readonly #places: Place[] = [];
  readonly #rows = new ByteRows();
  /** Numbers of places between characters, by kind, state and count. */
  readonly #bodies = new Map<LeafKind, Map<number, number>>();

  get count(): number {
    return this.#places.length;
  }

  /** A kind of leaf, made once per name. */
  kind(name: string, make: () => Omit<LeafKind, 'facts'>): LeafKind {
    const known = this.#kinds.get(name);
    if (known !== undefined) return known;
    const made = make();
    const facts = made.dfa && dfaFacts(made.dfa, made.isAllowed);
    const kind = { ...made, facts };
    this.#kinds.set(name, kind);
    this.#kindIds.set(kind, this.#kindIds.size);
    return kind;
  }

  /** The place before a leaf's first byte; dead if nothing is allowed. */
  start(kind: LeafKind): number {
    if (kind.facts && kind.facts.isLive[0] === 0) return DEAD;
    const part = kind.marker ? MARKER : kind.isString ? OPEN : BODY;
    return this.#idOf({ kind, part, state: 0, count: 0, low: 0, high: 0, missing: 0, text: '' });
  }

  /** Where a byte leads from a place. */
  step(id: number, byte: number): number {
    const known = this.#rows.get(id, byte);
    if (known !== UNKNOWN) return known;
    const next = this.#step(this.#places[id]!, byte);
    const to = next === undefined ? DEAD : this.#idOf(next);
    this.#rows.set(id, byte, to);
    return to;
  }

  /** The label with which a leaf may end at a place; -1 if it may not. */
  label(id: number): number {
    const { kind, part, state } = this.#places[id]!;
    if (kind.isString || kind.marker ? part !== DONE : part !== BODY) return -1;
    return labelAt(kind, state);
  }

  /** The text of a tracked leaf so far. */
  text(id: number): string {
    return this.#places[id]!.text;
  }

  /** Whether a leaf may go on from a place. */
  goesOn(id: number): boolean {
    const { kind, part, state } = this.#places[id]!;
    if (part === DONE) return false;
    if (part !== BODY || kind.isString || kind.dfa === undefined) return true;
    return kind.dfa.offsets[state]! < kind.dfa.offsets[state + 1]!;
  }

  /** How many plain characters go for certain, and at most. */
  plainRun(id: number): { certain: number; longest: number } {
    const { kind, part, state, count } = this.#places[id]!;
    if (part !== BODY) return { certain: 0, longest: part === OPEN || part >= DONE ? 0 : Infinity };
    if (kind.facts === undefined) {
      const left = kind.max - count;
      return { certain: left, longest: left };
    }
    const { certain, longest, shortestMax } = kind.facts;
    // With a bound, as many go for certain as leave room for the longest way to an end.
    const room = Math.max(0, kind.max - count - shortestMax);
    return { certain: Math.min(certain[state]!, room), longest: longest[state]! };
  }

  /** Whether nothing but a quote ends a leaf, so that what it takes else depends on it alone. */
  isClosed(id: number): boolean {
    const { kind, part } = this.#places[id]!;
    return kind.isString && part !== OPEN && part < DONE;
  }

  /**
   * The same place as if the bound above were not there, where texts of up to `reach` characters
   * do not feel it; else the place itself. Of automata alone: any character is known by length.
   */
  unbounded(id: number, reach: number): number {
    const place = this.#places[id]!;
    const { kind, part, count } = place;
    if (part !== BODY || kind.facts === undefined || !kind.isString || kind.isTracked) return id;
    if (kind.max === Infinity || kind.max - count - kind.facts.shortestMax < reach) return id;
    return this.#idOf({
      ...place,
      kind: this.#unboundedKind(kind),
      count: Math.min(count, kind.min),
    });
  }

  #unboundedKind(kind: LeafKind): LeafKind {
    const known = this.#unboundedKinds.get(kind);
    if (known !== undefined) return known;
    const made = { ...kind, max: Infinity };
    this.#unboundedKinds.set(kind, made);
    this.#kindIds.set(made, this.#kindIds.size);
    return made;
  }

  #idOf(place: Place): number {
    if (place.part !== BODY || place.count >= COUNTS || place.text !== '') return this.#add(place);
    const bodies = this.#bodies.get(place.kind) ?? new Map<number, number>();
    this.#bodies.set(place.kind, bodies);
    const key = place.state * COUNTS + place.count;
    const known = bodies.get(key);
    if (known !== undefined) return known;
    const id = this.#add(place);
    bodies.set(key, id);
    return id;
  }

  #add(place: Place): number {
    const { kind, part, state, count, low, high, missing, text } = place;
    const kindId = this.#kindIds.get(kind)!;
    const key = `${kindId} ${part} ${state} ${count} ${low} ${high} ${missing} ${text}`;
    const known = this.#ids.get(key);
    if (known !== undefined) return known;
    const id = this.#places.push(place) - 1;
    this.#ids.set(key, id);
    return id;
  }

  #step(place: Place, byte: number): Place | undefined {
    switch (place.part) {
      case OPEN:
        return byte === QUOTE ? { ...place, part: BODY } : undefined;
      case BODY:
        return bodyStep(place, byte);
      case UTF8:
        return byte >= 0x80 && byte < 0xc0 ? continueCode(place, byte & 0x3f) : undefined;
      case ESCAPE:
        return escapeStep(place, byte);
      case HEX:
        return hexStep(place, byte);
      case PAIR_SLASH:
        return byte === SLASH ? { ...place, part: PAIR_U } : undefined;
      case PAIR_U:
        return byte === 0x75 ? { ...place, part: HEX, missing: 4 } : undefined;
      case MARKER:
        return markerStep(place, byte);
      default:
        return undefined;
    }
  }
}

function labelAt(kind: LeafKind, state: number): number {
  if (kind.dfa === undefined) return 0;
  const label = kind.dfa.labels[state]!;
  return label >= 0 && kind.isAllowed(label) ? label : -1;
}

function markerStep(place: Place, byte: number): Place | undefined {
  const { kind, state } = place;
  const marker = kind.marker!;
  if (byte !== marker[state]) return undefined;
  const isLast = state + 1 === marker.length;
  return isLast ? { ...place, part: DONE, state: 0 } : { ...place, state: state + 1 };
}

function bodyStep(place: Place, byte: number): Place | undefined {
  const { kind } = place;
  if (kind.isString && byte === QUOTE) {
    const isEnd = place.count >= kind.min && labelAt(kind, place.state) >= 0;
    return isEnd ? { ...place, part: DONE, count: 0 } : undefined;
  }
  if (kind.isString && byte === SLASH) return begin({ ...place, part: ESCAPE }, [0, 0x10ffff]);
  if (kind.isString && byte < 0x20) return undefined;
  if (byte < 0x80) return takeCode(place, byte);
  if (byte < 0xc2 || byte > 0xf4) return undefined;
  const missing = byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3;
  const bits = byte & (0x3f >> missing);
  const low = bits << (6 * missing);
  const shortest = missing === 1 ? 0x80 : missing === 2 ? 0x800 : 0x10000;
  const high = Math.min(low + 2 ** (6 * missing) - 1, 0x10ffff);
  return begin({ ...place, part: UTF8, missing }, [Math.max(low, shortest), high]);
}

/** Goes into a character of which some may come. */
function begin(place: Place, [low, high]: [number, number]): Place | undefined {
  const { kind, count } = place;
  if (count >= kind.max || !hasLive(place, [low, high])) return undefined;
  const [first, last] = place.part === UTF8 ? alike(place, [low, high]) : [low, high];
  return { ...place, low: first, high: last };
}

/** Ranges of which any stands for any other, if all their characters lead to the same place. */
const STAND_INS: readonly (readonly [number, number])[] = [
  [0, 0],
  [0x80, 0xbf],
  [0x1000, 0x1fff],
  [0x40000, 0x7ffff],
];

function alike(place: Place, range: readonly [number, number]): readonly [number, number] {
  const { kind, state, missing } = place;
  const standIn = STAND_INS[missing]!;
  const isWhole = range[1] - range[0] === standIn[1] - standIn[0];
  if (!isWhole || kind.isTracked) return range;
  if (range[0] <= 0xdfff && range[1] >= 0xd800) return range;
  if (kind.dfa === undefined) return standIn;
  const target = (code: number): number => {
    const edge = edgeAt(kind.dfa!, state, code);
    return edge < 0 ? -1 : edge;
  };
  const edge = target(range[0]);
  const isOne = [range[1], standIn[0], standIn[1]].every((code) => target(code) === edge);
  return edge >= 0 && isOne ? standIn : range;
}

/** Reads the next six bits of a character. */
function continueCode(place: Place, bits: number): Place | undefined {
  const missing = place.missing - 1;
  const size = 64 ** missing;
  const base = Math.floor(place.low / (size * 64)) * size * 64 + bits * size;
  const low = Math.max(place.low, base);
  const high = Math.min(place.high, base + size - 1);
  if (low > high) return undefined;
  return missing === 0 ? takeCode(place, low) : begin({ ...place, missing }, [low, high]);
}

/** Reads the next digit of the second half of a pair. */
function continuePair(place: Place, value: number): Place | undefined {
  const missing = place.missing - 1;
  const low = place.low + value * 16 ** missing;
  if (missing === 0) return takeCode(place, low);
  return begin({ ...place, missing }, [low, low + 16 ** missing - 1]);
}

function escapeStep(place: Place, byte: number): Place | undefined {
  if (byte === 0x75) return begin({ ...place, part: HEX, missing: 4 }, [0, 0x10ffff]);
  const code = SHORT_ESCAPES.get(byte);
  return code === undefined ? undefined : takeCode(place, code);
}

/**
 * Digits of an escape. Four give a character, or the first half of a pair: then `low` and `high`
 * are the thousand and some characters of that half, and the digits of the second choose one.
 */
function hexStep(place: Place, byte: number): Place | undefined {
  const digit = hexDigit(byte);
  if (digit < 0) return undefined;
  const isSecond = place.low >= 0x10000;
  const missing = place.missing - 1;
  if (isSecond) {
    // A second half is dc00 … dfff: twelve bits, of which the lowest ten count.
    if (missing === 3) return digit === 0xd ? { ...place, missing } : undefined;
    const value = missing === 2 ? digit - 0xc : digit;
    return value >= 0 ? continuePair(place, value) : undefined;
  }
  const first = place.missing === 4 ? 0 : place.low;
  const size = 16 ** missing;
  const low = first + digit * size;
  if (missing > 0) return openUnits({ ...place, missing }, [low, low + size - 1]);
  if (low >= 0xd800 && low < 0xdc00) {
    const base = 0x10000 + ((low & 0x3ff) << 10);
    return begin({ ...place, part: PAIR_SLASH, missing: 0 }, [base, base + 0x3ff]);
  }
  return low >= 0xdc00 && low < 0xe000 ? undefined : takeCode(place, low);
}

/** UTF-16 units in a range: characters of theirs, or pairs that begin with them. */
function openUnits(place: Place, [low, high]: [number, number]): Place | undefined {
  const isPlain = hasLive(place, [low, high]);
  const first = Math.max(low, 0xd800);
  const last = Math.min(high, 0xdbff);
  const pairs: [number, number] = [
    0x10000 + ((first & 0x3ff) << 10),
    0x10000 + ((last & 0x3ff) << 10) + 0x3ff,
  ];
  const isPair = first <= last && hasLive(place, pairs);
  return isPlain || isPair ? { ...place, low, high } : undefined;
}

function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}

/** Takes a whole character. */
function takeCode(place: Place, code: number): Place | undefined {
  const { kind, state, count } = place;
  if (count >= kind.max) return undefined;
  let next = 0;
  if (kind.dfa !== undefined) {
    const edge = edgeAt(kind.dfa, state, code);
    if (edge < 0) return undefined;
    next = kind.dfa.targets[edge]!;
    if (!mayFollow(kind, next, count)) return undefined;
  }
  // Without a bound above, only what is still missing below counts.
  const counted = Math.min(count + 1, kind.max === Infinity ? kind.min : count + 1);
  const text = kind.isTracked ? place.text + String.fromCodePoint(code) : '';
  return { kind, part: BODY, state: next, count: counted, low: 0, high: 0, missing: 0, text };
}

/** Whether a state can be finished behind `count` characters and one more. */
function mayFollow({ facts, max }: LeafKind, state: number, count: number): boolean {
  return facts!.isLive[state] === 1 && count + 1 + facts!.shortest[state]! <= max;
}

/** Whether some character of a range leads somewhere; surrogates are none. */
function hasLive({ kind, state, count }: Place, [low, high]: [number, number]): boolean {
  if (kind.dfa === undefined) return low < 0xd800 || high > 0xdfff;
  const { offsets, lows, highs, targets } = kind.dfa;
  for (let i = offsets[state]!; i < offsets[state + 1]!; i++) {
    if (lows[i]! > high) return false;
    if (highs[i]! >= low && mayFollow(kind, targets[i]!, count)) return true;
  }
  return false;
}
