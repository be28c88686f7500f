/**
 * Formats of strings as regular expressions: held to where a schema names them.
 *
 * Dates and times are held to their ranges, leap days to four-year cycles. A format that is not
 * here is refused. Source: RFC 3339, 3986, 4122, 5321, 5322, 6901, 4291; ISO 8601 durations.
 */

const DAY_31 = '(?:0[13578]|1[02])-(?:0[1-9]|[12]\\d|3[01])';
const DAY_30 = '(?:0[469]|11)-(?:0[1-9]|[12]\\d|30)';
const DAY_28 = '02-(?:0[1-9]|1\\d|2[0-8])';
const FOURTH = '(?:0[48]|[2468][048]|[13579][26])';
const LEAP_YEAR = `(?:\\d\\d${FOURTH}|${FOURTH}00|0000)`;
const DATE = `(?:\\d{4}-(?:${DAY_31}|${DAY_30}|${DAY_28})|${LEAP_YEAR}-02-29)`;
const CLOCK = '(?:[01]\\d|2[0-3]):[0-5]\\d';
const ZONE = `(?:[zZ]|[+-]${CLOCK})`;
const TIME = `${CLOCK}:[0-5]\\d(?:\\.\\d+)?${ZONE}`;
const BYTE = '(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)';
const IPV4 = `${BYTE}(?:\\.${BYTE}){3}`;
const LABEL = '[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?';
const HOST = `${LABEL}(?:\\.${LABEL})*`;
/** Labels that are encoded otherwise, as `xn--`, have rules of their own: they are left out. */
const NO_ENCODED = '^(?!(?:.*\\.)?..--)';
const ATOM = "[a-zA-Z0-9!#$%&'*+/=?^_`{|}~-]+";
const ESCAPED = '%[0-9a-fA-F]{2}';
const PATH_CHAR = `(?:[a-zA-Z0-9._~!$&'()*+,;=:@-]|${ESCAPED})`;
const AUTHORITY_CHAR = `(?:[a-zA-Z0-9._~!$&'()*+,;=:-]|${ESCAPED})`;
const TAIL = `(?:\\?(?:${PATH_CHAR}|[/?])*)?(?:#(?:${PATH_CHAR}|[/?])*)?`;
const SCHEME = '[a-zA-Z][a-zA-Z0-9+.-]*';

const HEX = '[0-9a-fA-F]{1,4}';

/** All ways to write eight groups with one gap, the last two maybe as an IPv4 address. */
function ipv6(): string {
  const end = `(?:${HEX}:${HEX}|${IPV4})`;
  const forms = [`(?:${HEX}:){6}${end}`];
  for (let before = 0; before <= 7; before++) {
    const head = before === 0 ? '' : `${HEX}(?::${HEX}){0,${before - 1}}`;
    const optional = before === 0 ? '' : `(?:${head})?`;
    const after = 7 - before;
    if (after >= 2) forms.push(`${optional}::(?:${HEX}:){0,${after - 2}}${end}`);
    if (after >= 1) forms.push(`${optional}::${HEX}`);
    forms.push(`${optional}::`);
  }
  return `(?:${forms.join('|')})`;
}

const IPV6 = ipv6();
const NAME = `(?:[a-zA-Z0-9._~!$&'()*+,;=-]|${ESCAPED})*`;
const AUTHORITY = `(?:${AUTHORITY_CHAR}*@)?(?:\\[${IPV6}\\]|${NAME})(?::\\d*)?`;
const HIERARCHY = `(?://${AUTHORITY}(?:/${PATH_CHAR}*)*|/(?:${PATH_CHAR}+(?:/${PATH_CHAR}*)*)?`;
const PERIOD = 'P(?:\\d+W|(?:\\d+Y(?:\\d+M(?:\\d+D)?)?|\\d+M(?:\\d+D)?|\\d+D)';
const HOURS = '(?:\\d+H(?:\\d+M(?:\\d+S)?)?|\\d+M(?:\\d+S)?|\\d+S)';

/** Characters that a format allows at most. */
export const FORMAT_LENGTHS: Readonly<Record<string, number>> = { hostname: 253 };

/** Pattern by the name of a format; matches whole texts. */
export const FORMATS: Readonly<Record<string, string>> = {
  date: DATE,
  time: TIME,
  'date-time': `${DATE}[tT]${TIME}`,
  duration: `(?:${PERIOD}(?:T${HOURS})?)|PT${HOURS})`,
  ipv4: IPV4,
  ipv6: IPV6,
  uuid: '[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}',
  hostname: `${NO_ENCODED}(?:${HOST})`,
  email: `${ATOM}(?:\\.${ATOM})*@${HOST}`,
  uri: `${SCHEME}:(?:${HIERARCHY}|${PATH_CHAR}+(?:/${PATH_CHAR}*)*)?)${TAIL}`,
  'uri-reference':
    `(?:${SCHEME}:(?:${HIERARCHY}|${PATH_CHAR}+(?:/${PATH_CHAR}*)*)?)` +
    `|${HIERARCHY}|(?:[a-zA-Z0-9._~!$&'()*+,;=@-]|${ESCAPED})+(?:/${PATH_CHAR}*)*)?)${TAIL}`,
  'json-pointer': '(?:/(?:[^~/]|~[01])*)*',
  'relative-json-pointer': '(?:0|[1-9]\\d*)(?:#|(?:/(?:[^~/]|~[01])*)*)',
};
