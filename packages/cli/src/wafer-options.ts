/**
 * The options that every command with a wafer takes: grid, plan, threads and limits.
 *
 * What a word must look like is checked here, what it means for the model by the plan.
 */
import { Option } from 'commander';
import type { Command } from 'commander';
import type { WaferSettings } from '@wafer/bench/common';
import { KV_TYPES } from '@wafer/core';
import type { Activations, KvType } from '@wafer/core';
import { detectRounding } from '@wafer/kernels';
import { LOAD_TYPES } from '@wafer/models';
import type { LoadType, Model, WaferOptions } from '@wafer/runtime';
import { pickExperts, resolveOptions } from '@wafer/runtime/internal';
import { addVirtualOptions, virtualOptions } from './described/virtual-flags.ts';
import type { VirtualFlags } from './described/virtual-flags.ts';
import { readBytes, readCount, readDice, readGrid } from './flags/option-values.ts';
import { UsageError } from './failures/failures.ts';
import { checkWritable, fileLogger, TRACE_RECORDS } from './run-files.ts';
import { readSecret } from './flags/secret.ts';
import type { Terminal } from './terminal/terminal.ts';

/** What commander makes of the options below. */
export interface WaferFlags extends VirtualFlags {
  grid?: string;
  stages?: number;
  plan?: 'column' | 'megatron';
  experts?: 'whole' | 'rows' | 'auto';
  threads?: number;
  dice?: string;
  chips?: string[];
  secretFile?: string;
  context?: number;
  kvTokens?: number;
  tokensPerStep?: number;
  prefixReuse: boolean;
  sram?: number;
  rounding?: 'fused' | 'plain';
  activations?: Activations;
  kv?: KvType;
  dtype?: LoadType;
  revectorize: boolean;
  hugePages: boolean;
  log?: string;
  trace?: string;
  expertProfile?: string;
}

/** Adds the options, under a heading of their own. */
export function addWaferOptions(command: Command): Command {
  const options = [
    new Option('--grid <WxH>', 'tiles across x down (default: one tile per core)').argParser(
      readGrid,
    ),
    new Option('--stages <n>', 'pipeline stages (default: 1)').argParser(readCount),
    new Option('--plan <kind>', 'how tiles share a layer (default: column)').choices([
      'column',
      'megatron',
    ]),
    new Option(
      '--experts <kind>',
      'how they share experts: whole ones, rows of each, or by the clock of --as: auto (default: ' +
        'whole; rows with megatron)',
    ).choices(['whole', 'rows', 'auto']),
    new Option(
      '--threads <n>',
      'worker threads (default: one per tile, at most one per core)',
    ).argParser(readCount),
    new Option(
      '--dice <WxH|kerfs>',
      'cut the grid into chips across x down, or before columns and rows: x1,y2',
    ).argParser(readDice),
    new Option('--context <n>', 'positions of the longest sequence').argParser(readCount),
    new Option('--kv-tokens <n>', 'positions that the KV cache holds').argParser(readCount),
    new Option('--tokens-per-step <n>', 'rows of a step (default: 128)').argParser(readCount),
    new Option('--no-prefix-reuse', 'compute equal prefixes again'),
    new Option('--sram <bytes>', 'memory of a tile, as 48MiB (default: 4GiB)').argParser(readBytes),
    new Option('--rounding <kind>', 'multiply-add (default: what this machine does)').choices([
      'fused',
      'plain',
    ]),
    new Option(
      '--activations <kind>',
      'f32, or int8: faster, with other results, for q8_0 and q4_0 (default: f32)',
    ).choices(['f32', 'int8']),
    new Option(
      '--kv <type>',
      'KV cache in f32, or smaller in f16 or q8_0, with other results (default: f32)',
    ).choices(KV_TYPES),
    new Option(
      '--dtype <type>',
      'quantize f32, f16 and bf16 weights while loading (default: as stored)',
    ).choices(LOAD_TYPES),
    new Option('--no-huge-pages', 'leave weights in plain pages; the same bits, loaded later'),
    new Option('--no-revectorize', 'leave kernels at 128 bits; the same bits, slower on x64'),
  ];
  for (const option of options) command.addOption(option.helpGroup('Wafer:'));
  return command;
}

/** Adds what only a wafer that runs can write. */
export function addFileOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--log <file>', 'append starts, crashes and ends as JSON lines').helpGroup(
        'Wafer:',
      ),
    )
    .addOption(
      new Option('--trace <file>', 'write what every tile did last, for Perfetto').helpGroup(
        'Wafer:',
      ),
    )
    .addOption(
      new Option('--expert-profile <file>', 'write how many tokens met each expert').helpGroup(
        'Wafer:',
      ),
    );
}

/** Adds what joins chips, and the virtual clock, to a command that runs one wafer. */
export function addLinkOptions(command: Command): Command {
  addVirtualOptions(command);
  const options = [
    new Option(
      '--chips <addresses>',
      'HOST:PORT,… of chips that wait (wafer chip); with --link tcp',
    ).argParser((text: string) => text.split(',')),
    new Option('--secret-file <file>', 'what these chips know (default: WAFER_SECRET)'),
  ];
  for (const option of options) command.addOption(option.helpGroup('Chips:'));
  return command;
}

/** Resolves the flags for a model. Throws: PLAN_OPTION, UsageError. */
export function waferSettings(
  model: Model,
  flags: WaferFlags,
  more: Partial<WaferOptions> = {},
): WaferSettings {
  if (flags.trace !== undefined) checkWritable(flags.trace);
  const options = {
    grid: flags.grid,
    stages: flags.stages,
    tensorPlan: flags.plan,
    experts: flags.experts,
    threads: flags.threads,
    dice: flags.dice,
    virtual: virtualOptions(flags),
    link: typeof flags.link === 'string' ? flags.link : undefined,
    chips: flags.chips,
    secret: flags.chips === undefined ? undefined : readSecret(flags.secretFile),
    contextTokens: flags.context,
    kvTokens: flags.kvTokens,
    tokensPerStep: flags.tokensPerStep,
    reusePrefixes: flags.prefixReuse,
    sramBytes: flags.sram,
    activations: flags.activations,
    kv: flags.kv,
    revectorize: flags.revectorize,
    hugePages: flags.hugePages,
    logger: flags.log === undefined ? undefined : fileLogger(flags.log),
    traceRecords: flags.trace === undefined ? 0 : TRACE_RECORDS,
    ...more,
    model,
    rounding: flags.rounding ?? detectRounding(),
  };
  const resolved = resolveOptions(options, model);
  refuseIdle(flags, resolved);
  return { options, resolved };
}

/** The flags with experts placed, where a clock is to place them; says why. Throws: PLAN_OPTION. */
export async function placeExperts<Flags extends WaferFlags>(
  model: Model,
  flags: Flags,
  terminal: Pick<Terminal, 'sayAside'>,
): Promise<Flags> {
  if (flags.experts !== 'auto') return flags;
  const others: WaferFlags = { ...flags };
  delete others.experts;
  const { options } = waferSettings(model, others);
  const { experts, why } = await pickExperts(model, options);
  terminal.sayAside(`experts: ${experts}, as ${why}`);
  return { ...flags, experts };
}

/** Refuses what joins chips where nothing is cut. Throws: UsageError. */
function refuseIdle(flags: WaferFlags, { dice }: WaferSettings['resolved']): void {
  if (dice.chips.width * dice.chips.height > 1) return;
  for (const [flag, value] of [
    ['--link', flags.link],
    ['--inject-delays', flags.injectDelays],
    ['--chips', flags.chips],
    ['--all-reduce', flags.allReduce],
    ['--secret-file', flags.secretFile],
  ] as const) {
    if (value === undefined) continue;
    throw new UsageError(`${flag} does nothing without --dice, which cuts the wafer into chips`);
  }
}
