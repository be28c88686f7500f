/**
 * Adds up what `.ci/run` did: the tests of vitest's JSON reports, and one check per other step.
 *
 * A step that ended badly without a failed test to show for it counts as one failure, so that a
 * crash, a time-out or a missing report cannot pass. Plain JavaScript: it runs on any Node.js.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';

const reports = process.argv[2] ?? '.';
const sum = { passed: 0, failed: 0 };

function readReport(name) {
  try {
    return JSON.parse(readFileSync(join(reports, `${name}.json`), 'utf8'));
  } catch {
    return undefined;
  }
}

/** Counts the tests of one report, and names those that failed or were skipped. */
function countTests(report) {
  const counts = { passed: 0, failed: 0 };
  for (const { name: file, status, assertionResults } of report.testResults) {
    const path = relative(process.cwd(), file);
    if (status === 'failed' && !assertionResults.some((test) => test.status === 'failed')) {
      counts.failed += 1;
      console.log(`failed: ${path} (the file itself)`);
    }
    for (const { status: outcome, fullName } of assertionResults) {
      if (outcome === 'passed') counts.passed += 1;
      else if (outcome === 'failed') counts.failed += 1;
      if (outcome !== 'passed') {
        console.log(`${outcome === 'failed' ? 'failed' : 'skipped'}: ${path} > ${fullName}`);
      }
    }
  }
  return counts;
}

for (const file of readdirSync(reports).filter((name) => name.endsWith('.status'))) {
  const step = file.slice(0, -'.status'.length);
  const isGood = readFileSync(join(reports, file), 'utf8').trim() === '0';
  const isTests = step === 'test' || step === 'full';
  const report = isTests ? readReport(step) : undefined;
  const counts = report === undefined ? { passed: 0, failed: 0 } : countTests(report);
  if (!isTests && isGood) counts.passed = 1;
  if (counts.failed === 0 && (!isGood || (isTests && report === undefined))) {
    counts.failed = 1;
    console.log(`failed: ${step} (${isTests ? 'ended badly or left no report' : 'see above'})`);
  }
  sum.passed += counts.passed;
  sum.failed += counts.failed;
}

process.exitCode = sum.failed === 0 ? 0 : 1;
console.log(`${sum.passed} passed, ${sum.failed} failed`);
