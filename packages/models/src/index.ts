/**
 * Models as files and by name: opened, checked, read, written, and made up.
 */
export type {
  FileTensor,
  KeptTensor,
  LoadType,
  Model,
  Requantized,
  SourceDescription,
  SuggestedSampling,
  WeightReader,
} from './source/source.ts';
export { isGgufType } from './gguf/gguf-types.ts';
export { FAMILY_NAMES, folderLayout } from './families/families.ts';
export type { Family } from './families/families.ts';
export type { ModelFormat } from './families/tensor-places.ts';
export {
  SYNTHETIC_SPECS,
  openSynthetic,
  SYNTHETIC_PREFIX,
  parseSynthetic,
  syntheticModel,
} from './synthetic/synthetic.ts';
export { mixtralExperts } from './families/experts.ts';
export { syntheticAdapter } from './adapt/synthetic-adapter.ts';
export { LOAD_TYPES, requantize, storedSource, sumErrors } from './weights/quantization.ts';
export type { Quantization, ShardError } from './weights/quantization.ts';
export { makeFolder } from './source/make-folder.ts';
export { openReader } from './weights/reader.ts';
export { openAdapter, readChanges } from './adapt/open-adapter.ts';
export type { OpenAdapter, ChangeValues } from './adapt/open-adapter.ts';
export { SPEC_LIMITS } from './source/spec-limits.ts';
export { withAdapter } from './adapt/with-adapter.ts';
export { peftTargets } from './adapt/peft-file.ts';
export { adapterOutput, writeGgufAdapter, writePeft } from './adapt/write-adapter.ts';
export type { AdapterOutput } from './adapt/write-adapter.ts';
export { openModel } from './open/open-model.ts';
export { withoutEnds } from './open/without-ends.ts';
export type { OpenOptions } from './open/open-model.ts';
export { openTokenizer } from './open/open-tokenizer.ts';
export { writeModel } from './write/write-model.ts';
export type { WriteOptions } from './write/write-model.ts';
export { Hub } from './hub/hub-fetch.ts';
export { absoluteFolder, folderOf, homeFolder, modelsFolder } from './hub/model-name.ts';
export { PULL_RECORD, readHubName } from './open/hub-name.ts';
export type { HubName } from './open/hub-name.ts';
export { pullModel } from './hub/pull.ts';
export type { Pulled } from './hub/pull.ts';
export { listStored, removeStored, storedModel } from './hub/store.ts';
export type { StoredModel } from './hub/store.ts';
