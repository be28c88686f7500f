/**
 * Binds the matrices of experts.
 *
 * The rows of a step are sorted by expert, so that each expert is one call per matrix over rows
 * side by side. An expert that no token chose is not touched. Letters: T tokens, k chosen.
 */
import { assert, TILE_HEADER } from '@wafer/core';
import type { ExpertHidden, ExpertSpec, RoutingBuffers } from '@wafer/core';
import { linearKernel } from '@wafer/kernels';
import type { LinearKernel } from '@wafer/kernels';
import { compute } from '../bound-instruction.ts';
import type { Binder, TileParts } from '../bound-instruction.ts';
import { bindExpertChanges } from './low-rank.ts';
import type { ExpertChanges } from './low-rank.ts';
import { activationKernel } from './swiglu.ts';

export const bindExpertHidden: Binder<'expertHidden'> = (instruction, parts) => {
  const { kernels, integers, constants } = parts;
  const { routing, source, gathered, gate, up, target, count } = instruction;
  const { modelWidth: d, scratch } = constants;
  const [g, u] = [gate.address, up.address];
  const { chosenCount, weighsInput } = expertsOf(parts);
  const experts = instruction.experts.map((expert) => withKernels(expert, routing, parts));
  const activate = activationKernel(kernels, constants);
  const starts = routing.starts / 4;
  const slots = routing.slots / 4;
  const weights = weighsInput ? routing.weights : 0;
  return compute(() => {
    for (let i = 0; i < experts.length; i++) {
      const { expert, gateLinear, upLinear, gateBias, upBias, changeGate, changeUp } = experts[i]!;
      const gateWeights = experts[i]!.gate.address;
      const upWeights = experts[i]!.up.address;
      const first = integers[starts + expert]!;
      const rows = integers[starts + expert + 1]! - first;
      if (rows === 0) continue;
      let input = gathered.address;
      if (rows === 1 && !weighsInput) {
        const token = Math.trunc(integers[slots + first]! / chosenCount);
        input = source.address + token * source.stride * 4;
      } else {
        const own = routing.slots + first * 4;
        const { address, stride } = source;
        kernels.gatherRows(input, address, stride, own, weights, rows, chosenCount, d);
      }
      gateLinear(g, count, gateWeights, input, d, rows, count, d, scratch);
      upLinear(u, count, upWeights, input, d, rows, count, d, scratch);
      if (gateBias !== undefined) kernels.addBias(g, count, gateBias, rows, count);
      if (upBias !== undefined) kernels.addBias(u, count, upBias, rows, count);
      changeGate?.(first, rows, g, count, input, d);
      changeUp?.(first, rows, u, count, input, d);
      const y = target.address + first * target.stride * 4;
      activate(y, target.stride, g, u, rows, count);
    }
  });
};

export const bindExpertDown: Binder<'expertDown'> = (instruction, parts) => {
  const { kernels, integers, constants } = parts;
  const { routing, source, target } = instruction;
  const { activations, scratch } = constants;
  const experts = instruction.experts.map((expert) => ({
    ...expert,
    linear: linearKernel(kernels, expert.down.type, activations),
    change: bindExpertChanges(expert.adapters, { sizes: expert.down, routing }, parts),
  }));
  const starts = routing.starts / 4;
  const header = new Float64Array(integers.buffer, TILE_HEADER.expertRows, 1);
  return compute(() => {
    let rowsInAll = 0;
    for (let i = 0; i < experts.length; i++) {
      const { expert, down, bias, linear, change } = experts[i]!;
      const first = integers[starts + expert]!;
      const rows = integers[starts + expert + 1]! - first;
      if (rows === 0) continue;
      const y = target.address + first * target.stride * 4;
      const x = source.address + first * source.stride * 4;
      linear(
        y,
        target.stride,
        down.address,
        x,
        source.stride,
        rows,
        down.rows,
        down.columns,
        scratch,
      );
      if (bias !== undefined) kernels.addBias(y, target.stride, bias, rows, down.rows);
      change?.(first, rows, y, target.stride, x, source.stride);
      rowsInAll += rows;
    }
    header[0]! += rowsInAll;
  });
};

/** The experts of a model that has some. */
export function expertsOf({ constants }: TileParts): ExpertSpec {
  const { experts } = constants;
  assert(experts !== undefined, 'a program with experts has a spec of them', {});
  return experts;
}

interface HiddenKernels {
  gateLinear: LinearKernel;
  upLinear: LinearKernel;
  changeGate: ExpertChanges | undefined;
  changeUp: ExpertChanges | undefined;
}

function withKernels(
  expert: ExpertHidden,
  routing: RoutingBuffers,
  parts: TileParts,
): ExpertHidden & HiddenKernels {
  const { kernels, constants } = parts;
  const kernelOf = ({ type }: ExpertHidden['gate']): LinearKernel =>
    linearKernel(kernels, type, constants.activations);
  const { gate, up, gateAdapters, upAdapters } = expert;
  const changeGate = bindExpertChanges(gateAdapters, { sizes: gate, routing }, parts);
  const changeUp = bindExpertChanges(upAdapters, { sizes: up, routing }, parts);
  return { ...expert, gateLinear: kernelOf(gate), upLinear: kernelOf(up), changeGate, changeUp };
}
