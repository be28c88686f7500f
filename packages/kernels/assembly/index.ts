/**
 * Entry of the kernels: what a tile computes on its own memory.
 *
 * Addresses are bytes, 16-byte aligned; strides and counts are elements unless named otherwise. No
 * kernel allocates, keeps state or touches memory that it was not given.
 */
export { linearF32 } from './linear-f32';
export { lowRank } from './low-rank';
export { linearBf16, linearF16 } from './linear-half';
export * from './generated/block-exports';
export { linearInt8Q4_0, linearInt8Q8_0 } from './linear-int8';
export { packBf16, packF16, packF32 } from './pack';
export { embedBf16, embedF16, embedF32 } from './embed';
export { add, addBias, rmsNorm } from './norm';
export { rope } from './rope';
export { kvAppend } from './kv';
export { attention } from './attention';
export { clampedSwiglu, swiglu } from './swiglu';
export { groupSlots, route } from './route';
export { expertSum, gatherRows } from './expert-rows';
export { argmax, expRow, expSums, topK } from './vocab';
