/**
 * Dates as templates ask for them: the codes of C's `strftime`, in English.
 *
 * Source: ISO C, 7.27.3.5; the GNU C library's flags (`%-d`).
 */
const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];
const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

/** Flags `-` (no padding), `_` (spaces), `0` (zeros), `^` (capitals) before a letter. */
const CODE = /%([-_0^]*)([A-Za-z%])/g;

const two = (value: number): string => String(value).padStart(2, '0');
const spaced = (value: number): string => String(value).padStart(2);

/** Writes a date, local time, without a zone; a code that is not known stays as it is. */
export function strftime(date: Date, format: string): string {
  const codes = codesOf(date);
  return format.replace(CODE, (code, flags: string, letter: string) => {
    const text = codes[letter];
    if (text === undefined || !Object.hasOwn(codes, letter)) return code;
    return Array.from(flags).reduce(applyFlag, text);
  });
}

function applyFlag(text: string, flag: string): string {
  if (flag === '^') return text.toUpperCase();
  const number = /^[ 0]*(\d+)$/.exec(text)?.[1];
  if (number === undefined) return text;
  const plain = String(Number(number));
  if (flag === '-') return plain;
  return plain.padStart(text.length, flag === '_' ? ' ' : '0');
}

function codesOf(date: Date): Readonly<Record<string, string>> {
  const month = MONTHS[date.getMonth()] ?? '';
  const day = DAYS[date.getDay()] ?? '';
  const hour = date.getHours();
  const hour12 = hour % 12 === 0 ? 12 : hour % 12;
  const half = hour < 12 ? 'AM' : 'PM';
  const year = String(date.getFullYear());
  const time = `${two(hour)}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
  const isoDay = ((date.getDay() + 6) % 7) + 1;
  const yearDay = dayOfYear(date);
  const iso = isoWeek(date);
  return {
    ...{ Y: year, y: two(date.getFullYear() % 100), C: two(Math.floor(date.getFullYear() / 100)) },
    ...{ m: two(date.getMonth() + 1), B: month, b: month.slice(0, 3), h: month.slice(0, 3) },
    ...{ d: two(date.getDate()), e: spaced(date.getDate()), j: String(yearDay).padStart(3, '0') },
    ...{ A: day, a: day.slice(0, 3), w: String(date.getDay()), u: String(isoDay) },
    ...{ H: two(hour), I: two(hour12), k: spaced(hour), l: spaced(hour12) },
    ...{ M: two(date.getMinutes()), S: two(date.getSeconds()), p: half, P: half.toLowerCase() },
    ...{ f: `${String(date.getMilliseconds()).padStart(3, '0')}000`, Z: '', z: '' },
    ...{ U: two(Math.floor((yearDay + 6 - date.getDay()) / 7)) },
    ...{ W: two(Math.floor((yearDay + 7 - isoDay) / 7)) },
    ...{ V: two(iso.week), G: String(iso.year), g: two(iso.year % 100) },
    F: `${year}-${two(date.getMonth() + 1)}-${two(date.getDate())}`,
    D: `${two(date.getMonth() + 1)}/${two(date.getDate())}/${two(date.getFullYear() % 100)}`,
    x: `${two(date.getMonth() + 1)}/${two(date.getDate())}/${two(date.getFullYear() % 100)}`,
    T: time,
    X: time,
    R: time.slice(0, 5),
    r: `${two(hour12)}:${time.slice(3)} ${half}`,
    c: `${day.slice(0, 3)} ${month.slice(0, 3)} ${spaced(date.getDate())} ${time} ${year}`,
    s: String(Math.floor(date.getTime() / 1000)),
    n: '\n',
    t: '\t',
    '%': '%',
  };
}

const DAY_MS = 86_400_000;

function dayOfYear(date: Date): number {
  const own = Date.UTC(date.getFullYear(), date.getMonth(), date.getDate());
  return (own - Date.UTC(date.getFullYear(), 0, 1)) / DAY_MS + 1;
}

/** The week by ISO 8601, and the year that it belongs to: that of its Thursday. */
function isoWeek(date: Date): { week: number; year: number } {
  const own = Date.UTC(date.getFullYear(), date.getMonth(), date.getDate());
  const thursday = new Date(own + (3 - ((date.getDay() + 6) % 7)) * DAY_MS);
  const year = thursday.getUTCFullYear();
  const days = (thursday.getTime() - Date.UTC(year, 0, 1)) / DAY_MS;
  return { week: Math.floor(days / 7) + 1, year };
}
