/**
 * `wafer chip --listen HOST:PORT`: a chip of a wafer that is started on another host.
 *
 * It serves one wafer and ends with it. Whoever cannot prove that it knows the secret is turned
 * away, with a line on standard error, and the chip goes on waiting. Many strangers share a line.
 */
import { Option } from 'commander';
import type { Command } from 'commander';
import type { ChipAddress } from '@wafer/core';
import { detectRounding } from '@wafer/kernels';
import { serveChip } from '@wafer/runtime/internal';
import { readAddress } from '../flags/option-values.ts';
import { readSecret } from '../flags/secret.ts';
import { watchSignals } from '../failures/signals.ts';
import type { Terminal } from '../terminal/terminal.ts';

interface ChipFlags {
  listen: ChipAddress;
  secretFile?: string;
  rounding?: 'fused' | 'plain';
  revectorize: boolean;
}

const EXAMPLES = `
Examples:
  on two hosts, with the same secret and the model at the same path:
    wafer chip --listen 10.0.0.1:7000 --secret-file ./secret
    wafer chip --listen 10.0.0.2:7000 --secret-file ./secret
  and where the text is wanted:
    wafer run ./model "Once" --dice 2x1 --link tcp --chips 10.0.0.1:7000,10.0.0.2:7000

Chips connect to each other by the addresses given to the run. Port 0 takes a free one; the
address is printed once the chip waits. All hosts need the same release and, on machines that
round differently, the same --rounding.

Between hosts, both ends prove the secret, and every frame carries a tag made with keys of that
link: nobody without the secret can alter, add, repeat or reorder messages. Nothing is encrypted:
who can listen on the network can read prompts, answers and activations. Where that matters, lead
the links through a tunnel (WireGuard, IPsec, ssh).`;

export function addChip(program: Command, terminal: Terminal): void {
  program
    .command('chip')
    .summary('be a chip of a wafer on another host')
    .description('Waits for a wafer to join, serves it as one of its chips, and ends with it.')
    .requiredOption('--listen <host:port>', 'address to wait at', readAddress)
    .option('--secret-file <file>', 'what all chips of the wafer know (default: WAFER_SECRET)')
    .addOption(
      new Option('--rounding <kind>', 'multiply-add (default: what this machine does)').choices([
        'fused',
        'plain',
      ]),
    )
    .option('--no-revectorize', 'leave kernels at 128 bits; the same bits, slower on x64')
    .addHelpText('after', EXAMPLES)
    .action((flags: ChipFlags) => chip(flags, terminal));
}

async function chip(flags: ChipFlags, terminal: Terminal): Promise<void> {
  using watch = watchSignals();
  const secret = readSecret(flags.secretFile);
  await serveChip({
    listen: { kind: 'tcp', ...flags.listen },
    secret,
    rounding: flags.rounding ?? detectRounding(),
    revectorize: flags.revectorize,
    signal: watch.signal,
    onListening: (address) => {
      if ('port' in address) terminal.say(`waiting at ${address.host}:${address.port}`);
    },
    onRefused: ({ message }, count) => {
      const others = count === 1 ? '' : ` ${count} more, the last`;
      terminal.say(`wafer: refused${others}: ${message}`);
    },
  });
}
