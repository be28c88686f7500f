/**
 * What every command needs of a bench, and what measures nothing: tables, settings in words, an
 * answer with its times. It loads in a millisecond, as the start of a command line has to; the
 * index brings the experiments with it.
 */
export { TimedAnswer } from './cut/timed-answer.ts';
export { untilAborted } from './cut/until-aborted.ts';
export { arithmeticText, vectorBits } from './cut/wafer-settings.ts';
export type { WaferSettings } from './cut/wafer-settings.ts';
export { cellsOf, fitting } from './cells.ts';
export { fieldLines, linesOf, Table, table } from './table.ts';
export type { Column, Line } from './table.ts';
