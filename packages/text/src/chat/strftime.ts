/**
 * Dates as templates ask for them: the common codes of C's `strftime`, in English.
 *
 * Source: ISO C, 7.27.3.5.
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

/** Writes a date, local time; a code that is not known stays as it is. */
export function strftime(date: Date, format: string): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  const month = MONTHS[date.getMonth()] ?? '';
  const day = DAYS[date.getDay()] ?? '';
  const hour = date.getHours();
  const codes: Readonly<Record<string, string>> = {
    Y: String(date.getFullYear()),
    y: two(date.getFullYear() % 100),
    m: two(date.getMonth() + 1),
    d: two(date.getDate()),
    e: String(date.getDate()).padStart(2),
    H: two(hour),
    I: two(hour % 12 === 0 ? 12 : hour % 12),
    M: two(date.getMinutes()),
    S: two(date.getSeconds()),
    p: hour < 12 ? 'AM' : 'PM',
    B: month,
    b: month.slice(0, 3),
    A: day,
    a: day.slice(0, 3),
    F: `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`,
    T: `${two(hour)}:${two(date.getMinutes())}:${two(date.getSeconds())}`,
    '%': '%',
  };
  return format.replace(/%([A-Za-z%])/g, (code, letter: string) =>
    Object.hasOwn(codes, letter) ? (codes[letter] ?? code) : code,
  );
}
