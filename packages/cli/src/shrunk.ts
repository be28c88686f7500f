/**
 * Whether benches are to show that they work, not how fast: with WAFER_BENCH_QUICK=1 they take
 * their quick model and sizes whatever the command line says. Tests run the commands of
 * docs/performance.md so.
 */
export function isShrunk(environment: NodeJS.ProcessEnv = process.env): boolean {
  return environment['WAFER_BENCH_QUICK'] === '1';
}
