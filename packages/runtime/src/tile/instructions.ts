/**
 * Binds the instructions of a tile's program to its memory, kernels and channels.
 *
 * Each becomes an object with two methods: `isReady`, which only channels can deny, and `run`. All
 * addresses are resolved here, once, so that walking the program allocates nothing.
 */
import { KV_TYPES } from '@wafer/core';
import type { Instruction } from '@wafer/core';
import type { MessageRows } from '@wafer/fabric';
import { linearKernel } from '@wafer/kernels';
import { activationKernel } from './activation-kernel.ts';
import type { BoundInstruction, Of, TileParts } from './bound-instruction.ts';
import { bindReceive, bindSend } from './channel-instructions.ts';
import { bindDown, bindHidden, bindRoute, bindSum } from './expert-instructions.ts';

export function bindProgram(program: readonly Instruction[], parts: TileParts): BoundInstruction[] {
  // Rows whose tokens this tile owns: filled by `embed`, sent by the `send` after it.
  const owned: MessageRows & { indices: Int32Array } = {
    count: 0,
    indices: new Int32Array(parts.rowsMax),
  };
  return program.map((instruction) => {
    switch (instruction.op) {
      case 'send':
        return bindSend(instruction.channels, parts, owned);
      case 'receive':
        return bindReceive(instruction.channels, parts);
      case 'embed':
        return compute(bindEmbed(instruction, parts, owned));
      default:
        return compute(bindCompute(instruction, parts));
    }
  });
}

type ComputeInstruction = Exclude<Instruction, { op: 'send' | 'receive' | 'embed' }>;

function compute(run: () => void): BoundInstruction {
  return { kind: 'compute', isReady: () => true, run, blockedOn: () => -1 };
}

function bindCompute(instruction: ComputeInstruction, parts: TileParts): () => void {
  const { kernels, step, constants } = parts;
  switch (instruction.op) {
    case 'release': {
      const receivers = instruction.channels.map((channel) => parts.receivers.get(channel)!);
      return () => {
        for (let i = 0; i < receivers.length; i++) receivers[i]!.release();
      };
    }
    case 'norm': {
      const { target, source, gain, width, perToken } = instruction;
      const { normEpsilon } = constants;
      return () =>
        kernels.rmsNorm(
          target.address,
          source.address,
          gain,
          step.rowCount * perToken,
          width,
          normEpsilon,
        );
    }
    case 'linear':
      return bindLinear(instruction, parts);
    case 'rope': {
      const { address, stride } = instruction.target;
      const { headCount } = instruction;
      const { headWidth, rotaryWidth } = constants;
      const isPairs = constants.isRopePairs ? 1 : 0;
      return () =>
        kernels.rope(
          address,
          stride,
          step.rope,
          step.rowCount,
          headCount,
          headWidth,
          rotaryWidth,
          isPairs,
        );
    }
    case 'attention-temperature':
      return bindAttentionTemperature(instruction, parts);
    case 'attend':
      return bindAttend(instruction, parts);
    case 'swiglu': {
      const { target, gate, up, count } = instruction;
      const activate = activationKernel(kernels, constants);
      return () =>
        activate(target.address, target.stride, gate.address, up.address, step.rowCount, count);
    }
    case 'route':
      return bindRoute(instruction, parts);
    case 'expertHidden':
      return bindHidden(instruction, parts);
    case 'expertDown':
      return bindDown(instruction, parts);
    case 'expertSum':
      return bindSum(instruction, parts);
    case 'add': {
      const { target, source } = instruction;
      return () => kernels.add(target.address, source.address, step.rowCount * target.stride);
    }
    case 'logits':
      return bindLogits(instruction, parts);
  }
}

function bindLinear(instruction: Of<'linear'>, parts: TileParts): () => void {
  const { kernels, step, constants } = parts;
  const { weights, source, target, bias } = instruction;
  const linear = linearKernel(kernels, weights.type, constants.activations);
  return () => {
    linear(
      target.address,
      target.stride,
      weights.address,
      source.address,
      source.stride,
      step.rowCount,
      weights.rows,
      weights.columns,
      constants.scratch,
    );
    if (bias === undefined) return;
    kernels.addBias(target.address, target.stride, bias, step.rowCount, weights.rows);
  };
}

function bindAttentionTemperature(
  instruction: Of<'attention-temperature'>,
  { step, floats }: TileParts,
): () => void {
  const { target, floorTokens, factors } = instruction;
  return () => {
    for (let segment = 0; segment < step.segmentCount; segment++) {
      const first = target.address / 4 + step.segmentFirstRow(segment) * target.stride;
      const start = step.segmentStart(segment);
      for (let row = 0; row < step.segmentRowCount(segment); row++) {
        const factor = factors[Math.floor((start + row + 1) / floorTokens)]!;
        if (factor === 1) continue;
        const end = first + (row + 1) * target.stride;
        for (let i = first + row * target.stride; i < end; i++) floats[i]! *= factor;
      }
    }
  };
}

function bindAttend(instruction: Of<'attend'>, parts: TileParts): () => void {
  const { kernels, step, constants } = parts;
  const { q, k, v, out, kv, heads, kvHeads, mask } = instruction;
  const { kvBlockStride, isInWindowPool } = instruction;
  const { headWidth, attentionScale, scratch } = constants;
  const kvType = KV_TYPES.indexOf(constants.kvType);
  const windowTokens = mask.sees === 'all' ? 0 : mask.windowTokens;
  const isChunk = mask.sees === 'chunk' ? 1 : 0;
  const sinks = instruction.sinks ?? 0;
  return () => {
    for (let segment = 0; segment < step.segmentCount; segment++) {
      const first = step.segmentFirstRow(segment) * 4;
      const start = step.segmentStart(segment);
      const count = step.segmentRowCount(segment);
      const blocks = isInWindowPool
        ? step.segmentWindowBlocks(segment)
        : step.segmentBlocks(segment);
      kernels.kvAppend(
        kv,
        kvBlockStride,
        blocks,
        k.address + first * k.stride,
        v.address + first * v.stride,
        k.stride,
        start,
        count,
        kvHeads,
        headWidth,
        kvType,
      );
      kernels.attention(
        out.address + first * out.stride,
        out.stride,
        q.address + first * q.stride,
        q.stride,
        kv,
        kvBlockStride,
        blocks,
        start,
        count,
        heads,
        kvHeads,
        headWidth,
        attentionScale,
        windowTokens,
        isChunk,
        sinks,
        kvType,
        scratch,
      );
    }
  };
}

function bindEmbed(
  instruction: Of<'embed'>,
  parts: TileParts,
  owned: MessageRows & { indices: Int32Array },
): () => void {
  const { kernels, step } = parts;
  const { table, firstId, target } = instruction;
  const embed = kernels.embed[table.type];
  return () => {
    let count = 0;
    for (let row = 0; row < step.rowCount; row++) {
      const index = step.token(row) - firstId;
      if (index < 0 || index >= table.rows) continue;
      embed(target.address + row * target.stride * 4, table.address, index, table.columns);
      owned.indices[count++] = row;
    }
    owned.count = count;
  };
}

function bindLogits(instruction: Of<'logits'>, parts: TileParts): () => void {
  const { kernels, step, constants, floats } = parts;
  const { source, picked, gain, weights, logits, firstId } = instruction;
  const { modelWidth, normEpsilon, activations, scratch } = constants;
  const linear = weights && linearKernel(kernels, weights.type, activations);
  return () => {
    const count = step.outputCount;
    const { logitCount } = step;
    if (count > 0 && weights && linear) {
      for (let i = 0; i < count; i++) {
        const from = source.address / 4 + step.outputRow(i) * source.stride;
        floats.copyWithin(picked.address / 4 + i * picked.stride, from, from + modelWidth);
      }
      const { address } = picked;
      kernels.rmsNorm(address, address, gain, count, modelWidth, normEpsilon);
      if (logitCount > 0) {
        linear(
          logits.address,
          logits.stride,
          weights.address,
          address,
          picked.stride,
          logitCount,
          weights.rows,
          weights.columns,
          scratch,
        );
      }
      // A hidden state goes out in the columns of a row of logits: each tile has its share of it.
      const start = Math.min(firstId, modelWidth);
      const end = Math.min(firstId + weights.rows, modelWidth);
      for (let i = logitCount; i < count; i++) {
        const from = picked.address / 4 + i * picked.stride;
        floats.copyWithin(logits.address / 4 + i * logits.stride, from + start, from + end);
      }
    }
    parts.reportLogits(logits, count, firstId, weights?.rows ?? 0);
  };
}
