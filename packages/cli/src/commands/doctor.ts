/**
 * `wafer doctor`: whether the surroundings have what a wafer needs, line by line.
 */
import { accessSync, constants, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, freemem, tmpdir, totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import type { Command } from 'commander';
import { Table } from '@wafer/bench/common';
import { formatBytes, plural, WaferError, reasonOf } from '@wafer/core';
import { Wafer } from '@wafer/runtime';
import { hugePageRefusal } from '@wafer/runtime/internal';
import { pulledModels } from '../models/named-model.ts';
import type { Terminal } from '../terminal/terminal.ts';

interface Finding {
  what: string;
  isGood: boolean;
  found: string;
}

const NODE_MAJOR_MIN = 24;

export function addDoctor(program: Command, terminal: Terminal): void {
  program
    .command('doctor')
    .summary('check what a wafer needs here')
    .description('Checks Node.js, memory, folders, and that a tiny wafer computes.')
    .option('--json', 'print one JSON object')
    .action((flags: { json?: true }) => doctor(flags, terminal));
}

async function doctor(flags: { json?: true }, terminal: Terminal): Promise<void> {
  const findings = [
    nodeFinding(),
    { what: 'cores', isGood: true, found: plural(availableParallelism(), 'core') },
    memoryFinding(),
    pagesFinding(),
    folderFinding('temporary folder', tmpdir(), { isMade: false }),
    folderFinding('folder of models', pulledModels(), { isMade: true }),
    await waferFinding(),
  ];
  const isGood = findings.every((finding) => finding.isGood);
  if (flags.json) await terminal.writeJson({ isGood, findings });
  else {
    const rows = findings.map((each) => [each.what, each.isGood ? 'ok' : 'BAD', each.found]);
    await terminal.writeLines([
      new Table([{ title: 'what' }, { title: 'state' }, { title: 'found' }], rows),
    ]);
  }
  const bad = findings.find((finding) => !finding.isGood);
  if (bad !== undefined) {
    throw new WaferError('SURROUNDINGS_UNFIT', { what: bad.what, reason: bad.found });
  }
}

function nodeFinding(): Finding {
  const { node } = process.versions;
  const isGood = Number.parseInt(node, 10) >= NODE_MAJOR_MIN;
  return { what: 'Node.js', isGood, found: `${node}, ${process.platform} ${process.arch}` };
}

function memoryFinding(): Finding {
  const found = `${formatBytes(freemem())} free of ${formatBytes(totalmem())}`;
  return { what: 'memory', isGood: freemem() > 2 ** 28, found };
}

/** Nothing needs huge pages: without them weights are loaded later. */
function pagesFinding(): Finding {
  const refusal = hugePageRefusal();
  const found = refusal === undefined ? 'asked for while loading' : `plain ones: ${refusal}`;
  return { what: 'huge pages', isGood: true, found };
}

/** A folder that can be written, or made where it is made when it is needed. */
function folderFinding(what: string, path: string, { isMade }: { isMade: boolean }): Finding {
  let place = path;
  while (isMade && !existsSync(place) && dirname(place) !== place) place = dirname(place);
  try {
    accessSync(place, constants.W_OK);
    const folder = mkdtempSync(join(place, '.wafer-doctor-'));
    writeFileSync(join(folder, 'x'), 'x');
    rmSync(folder, { recursive: true });
    return { what, isGood: true, found: path };
  } catch (error) {
    return { what, isGood: false, found: reasonOf(error) };
  }
}

async function waferFinding(): Promise<Finding> {
  const what = 'a tiny wafer';
  try {
    await using wafer = await Wafer.start({ model: 'synthetic:tiny', grid: '2x1', dice: '2x1' });
    const tokens: number[] = [];
    for await (const { token } of wafer.generate('x', { maxTokens: 4 })) tokens.push(token);
    return { what, isGood: tokens.length > 0, found: `${plural(tokens.length, 'token')} on 2x1` };
  } catch (error) {
    return { what, isGood: false, found: reasonOf(error) };
  }
}
