/**
 * The command line as a library: what `wafer` runs, for programs that start it themselves.
 */
export {};
