/**
 * Python's numbers: whole ones of any size, floats as they are written, and arithmetic between.
 *
 * Source: the Python language reference, 6.5 to 6.7; `float.__repr__`.
 */
import { OverflowFault, SizeLimit, TemplateFault, TypeFault, ValueFault } from './errors.ts';

/** Longer results are refused; Python itself writes no int of more than 4300 digits. */
const BITS_MAX = 2 ** 20;
const DIGITS_MAX = 4300;

export type PythonNumber = bigint | number;

/** A float as Python writes it. */
export function writeFloat(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  if (Object.is(value, -0)) return '-0.0';
  const [digits = '', power = '0'] = value.toExponential().split('e');
  const exponent = Number(power);
  if (exponent < -4 || exponent >= 16) {
    const sign = exponent < 0 ? '-' : '+';
    return `${digits}e${sign}${String(Math.abs(exponent)).padStart(2, '0')}`;
  }
  // Below 1e21 JavaScript writes no exponent, except for small ones: from 1e-7.
  const plain = exponent < 0 ? smallFloat(digits, exponent) : String(value);
  return plain.includes('.') ? plain : `${plain}.0`;
}

function smallFloat(digits: string, exponent: number): string {
  const sign = digits.startsWith('-') ? '-' : '';
  const plain = digits.replace(/[-.]/g, '');
  return `${sign}0.${'0'.repeat(-exponent - 1)}${plain}`;
}

/** An int as Python writes it. Throws: ValueFault for one of too many digits. */
export function writeInteger(value: bigint): string {
  const text = value.toString();
  if (text.length - (value < 0n ? 1 : 0) > DIGITS_MAX) {
    throw new ValueFault(`Exceeds the limit (${DIGITS_MAX} digits) for integer string conversion`);
  }
  return text;
}

/** An int or a float as a float. Throws: OverflowFault. */
export function toFloat(value: PythonNumber): number {
  if (typeof value === 'number') return value;
  const float = Number(value);
  if (!Number.isFinite(float)) throw new OverflowFault('int too large to convert to float');
  return float;
}

/** A float as an int, towards zero. Throws: OverflowFault, ValueFault. */
export function truncate(value: number): bigint {
  if (Number.isNaN(value)) throw new ValueFault('cannot convert float NaN to integer');
  if (!Number.isFinite(value)) throw new OverflowFault('cannot convert float infinity to integer');
  return BigInt(Math.trunc(value));
}

/** Negative, zero or positive; undefined where one is no number. */
export function compareNumbers(a: PythonNumber, b: PythonNumber): number | undefined {
  if (Number.isNaN(a as number) || Number.isNaN(b as number)) return undefined;
  if (a < b) return -1;
  return a > b ? 1 : 0;
}

export type Operation = '+' | '-' | '*' | '/' | '//' | '%' | '**';

/** Arithmetic of two numbers. Throws: TemplateFault, as where Python raises. */
export function calculate(operation: Operation, a: PythonNumber, b: PythonNumber): PythonNumber {
  const isWhole = typeof a === 'bigint' && typeof b === 'bigint';
  if (operation === '/') return isWhole ? divide(a, b) : divideFloats(toFloat(a), toFloat(b));
  if (isWhole) return wholeOperation(operation, a, b);
  return floatOperation(operation, toFloat(a), toFloat(b));
}

function wholeOperation(operation: Operation, a: bigint, b: bigint): PythonNumber {
  switch (operation) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return checkBits(a, b, () => a * b);
    case '//':
      return floorDivide(a, b);
    case '%':
      return a - floorDivide(a, b) * b;
    case '**':
      return power(a, b);
    case '/':
      return divide(a, b);
  }
}

function checkBits(a: bigint, b: bigint, run: () => bigint): bigint {
  const bits = bitLength(a) + bitLength(b);
  if (bits > BITS_MAX) throw new SizeLimit(`an int of ${bits} bits`, BITS_MAX);
  return run();
}

/** How many binary digits a number has, near enough for a limit. */
function bitLength(value: bigint): number {
  return value.toString(16).length * 4;
}

function floorDivide(a: bigint, b: bigint): bigint {
  if (b === 0n) throw divisionByZero();
  const quotient = a / b;
  return a % b !== 0n && a < 0n !== b < 0n ? quotient - 1n : quotient;
}

function power(base: bigint, exponent: bigint): PythonNumber {
  if (exponent < 0n) return floatPower(toFloat(base), toFloat(exponent));
  const isSmall = base >= -1n && base <= 1n;
  const bits = isSmall ? 1 : bitLength(base) * Number(exponent);
  if (bits > BITS_MAX) throw new SizeLimit(`an int of ${bits} bits`, BITS_MAX);
  if (isSmall) return base === -1n && exponent % 2n === 0n ? 1n : exponent === 0n ? 1n : base;
  return base ** exponent;
}

/** The quotient of two ints, rounded once. */
function divide(a: bigint, b: bigint): number {
  if (b === 0n) throw divisionByZero();
  const [top, bottom] = [Number(a), Number(b)];
  if (Number.isSafeInteger(top) && Number.isSafeInteger(bottom)) return top / bottom;
  const [up, down] = [a < 0n ? -a : a, b < 0n ? -b : b];
  // 66 bits of quotient and a sticky one: the conversion to a double rounds to nearest, once.
  const shift = Math.max(0, 66 + bitLength(down) - bitLength(up));
  const scaled = up << BigInt(shift);
  const quotient = ((scaled / down) << 1n) | (scaled % down === 0n ? 0n : 1n);
  const value = Number(quotient) / 2 ** Math.min(shift + 1, 1000) / 2 ** Math.max(0, shift - 999);
  if (!Number.isFinite(value)) throw new OverflowFault('integer division result too large');
  return a < 0n === b < 0n ? value : -value;
}

function floatOperation(operation: Operation, a: number, b: number): number {
  switch (operation) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '//':
      return floorFloats(a, b);
    case '%':
      return moduloFloats(a, b);
    case '**':
      return floatPower(a, b);
    case '/':
      return divideFloats(a, b);
  }
}

function divideFloats(a: number, b: number): number {
  if (b === 0) throw divisionByZero();
  return a / b;
}

/** The remainder with the sign of the divisor. */
function moduloFloats(a: number, b: number): number {
  if (b === 0) throw divisionByZero();
  const rest = a % b;
  if (rest === 0) return b < 0 ? -0 : 0;
  return rest < 0 === b < 0 ? rest : rest + b;
}

function floorFloats(a: number, b: number): number {
  const quotient = (a - moduloFloats(a, b)) / b;
  if (quotient === 0) return a < 0 === b < 0 ? 0 : -0;
  const floor = Math.floor(quotient);
  return quotient - floor > 0.5 ? floor + 1 : floor;
}

function floatPower(a: number, b: number): number {
  if (a === 0 && b < 0) throw new TemplateFault('0.0 cannot be raised to a negative power');
  if (a < 0 && Number.isFinite(b) && !Number.isInteger(b)) {
    throw new TypeFault('a negative number to a fractional power is no real number');
  }
  // In Python 1 to any power is 1, and so is -1 to an infinite one.
  if (a === 1 || (a === -1 && !Number.isFinite(b) && !Number.isNaN(b))) return 1;
  const value = a ** b;
  if (!Number.isFinite(value) && Number.isFinite(a) && Number.isFinite(b)) {
    throw new OverflowFault('Numerical result out of range');
  }
  return value;
}

function divisionByZero(): TemplateFault {
  return new TemplateFault('division by zero');
}

/** Rounds half to even at a number of decimals, as Python's `round` does. */
export function roundTo(value: number, decimals: number): number {
  if (!Number.isFinite(value) || value === 0) return value;
  if (decimals > 323) return value;
  if (decimals < -308) return value < 0 ? -0 : 0;
  return decimals >= 0 ? Number(fixed(value, decimals)) : roundToTens(value, -decimals);
}

function roundToTens(value: number, zeros: number): number {
  const whole = exactFraction(value, 0);
  return Number(roundTens(whole.digits, whole.rest, zeros)) * (value < 0 ? -1 : 1);
}

function roundTens(digits: bigint, hasRest: boolean, zeros: number): bigint {
  const unit = 10n ** BigInt(zeros);
  const rest = digits % unit;
  const twice = rest * 2n;
  const base = digits / unit;
  const isUp = twice > unit || (twice === unit && (hasRest || base % 2n === 1n));
  return (isUp ? base + 1n : base) * unit;
}

/** |value| · 10^decimals exactly: its whole part, and whether anything is left. */
function exactFraction(value: number, decimals: number): { digits: bigint; rest: boolean } {
  const { mantissa, exponent } = partsOf(Math.abs(value));
  const scaled = mantissa * 10n ** BigInt(decimals);
  if (exponent >= 0) return { digits: scaled << BigInt(exponent), rest: false };
  const digits = scaled >> BigInt(-exponent);
  return { digits, rest: digits << BigInt(-exponent) !== scaled };
}

/** A float as mantissa · 2^exponent. */
function partsOf(value: number): { mantissa: bigint; exponent: number } {
  let exponent = 0;
  let mantissa = value;
  while (!Number.isInteger(mantissa)) {
    mantissa *= 2;
    exponent--;
  }
  return { mantissa: BigInt(mantissa), exponent };
}

/** A float with a number of decimals, rounded half to even on its exact value. */
export function fixed(value: number, decimals: number): string {
  const { mantissa, exponent } = partsOf(Math.abs(value));
  const scaled = mantissa * 10n ** BigInt(decimals);
  let digits = scaled;
  if (exponent >= 0) digits = scaled << BigInt(exponent);
  else {
    const unit = 1n << BigInt(-exponent);
    const rest = scaled % unit;
    digits = scaled / unit;
    if (rest * 2n > unit || (rest * 2n === unit && digits % 2n === 1n)) digits += 1n;
  }
  const text = digits.toString().padStart(decimals + 1, '0');
  const sign = value < 0 || Object.is(value, -0) ? '-' : '';
  if (decimals === 0) return sign + text;
  return `${sign}${text.slice(0, -decimals)}.${text.slice(-decimals)}`;
}
