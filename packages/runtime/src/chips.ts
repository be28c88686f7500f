/**
 * Chips that are processes, for our own packages: how they are started, proved, told and ended,
 * whatever they compute. No promise.
 */
export type { ChipBody, ChipParts, ChipProgram, SetupOfChip } from './chip/chip-body.ts';
export { ChipLinks } from './chip/chip-links.ts';
export { ChipMemories } from './chip/chip-memories.ts';
export { connectPeers, workWhenRung } from './chip/chip-peers.ts';
export { connectChip } from './chip/connect-chip.ts';
export type { ParentOfChips } from './chip/connect-chip.ts';
export { ControlChannel } from './chip/control-channel.ts';
export { HOST_CHANNEL, PIECE_BYTES } from './chip/protocol.ts';
export type { ChipCounters, ToChip, ToParent } from './chip/protocol.ts';
export { runStartedChip } from './chip/run-chip.ts';
export { CAUSE_MS_MAX, chipDied, ChipProcesses } from './chip/spawn-chips.ts';
export { socketOf } from './link-kind.ts';
