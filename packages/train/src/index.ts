/**
 * Training on the wafer: data, backward passes, optimizers, checkpoints.
 */
export { checkSettings, rowsOfStep, TRAIN_DEFAULTS } from './settings.ts';
export type {
  OptimizerSettings,
  PreferenceSettings,
  RowOrder,
  ScheduleSettings,
  TrainSettings,
  WeightFormat,
} from './settings.ts';
export { DPO_BETA } from './preferences.ts';
export type { PairFigures } from './preferences.ts';
export { openData } from './data/open-data.ts';
export { hasChats } from './data/text-data.ts';
export { readQuestions } from './data/questions.ts';
export type { Question } from './data/questions.ts';
export { openTokens, tokensInMemory } from './data/token-source.ts';
export type { TokenSource } from './data/token-source.ts';
export { AsideCheckpoints } from './checkpoint/aside.ts';
export type { AsideTimes } from './checkpoint/aside.ts';
export { listCheckpoints, openCheckpoint, removeCheckpoints } from './checkpoint/checkpoint.ts';
export type { CheckpointState, CheckpointUse, FoundCheckpoint } from './checkpoint/checkpoint.ts';
export { ADAPTER_PATH, defaultTargets } from './model/adapters.ts';
export { folderModel } from './model/folder-model.ts';
export { fillInitial, specOfShape } from './model/shape-spec.ts';
export type { NewModelShape } from './model/shape-spec.ts';
export { withOtherEnd } from './schedule.ts';
export { TrainRun } from './engine/run.ts';
export type { CutOptions, StepResult, StepUse } from './engine/run.ts';
export type { CutTraffic } from './engine/cut/chips.ts';
export type { StageTimes } from './engine/times.ts';
export type { TrainShape } from './engine/layout.ts';
export type { AdapterSettings } from './network/adapter.ts';
export type { TrainProgram } from './network/program.ts';
export { TrainRows } from './data/rows.ts';
export type { TrainRow } from './data/rows.ts';
export { trainProgram } from './network/program.ts';
export { trainTokenizer } from './tokenizer/train-tokenizer.ts';
export { isBase } from './fine-tune/base-digest.ts';
export { checkLines } from './fine-tune/lines.ts';
export type { LineFault, LineFaultCode } from './fine-tune/lines.ts';
export { RESULT_PATH, stepModelPath } from './fine-tune/order.ts';
export type {
  FineTuneCommand,
  FineTuneEvent,
  FineTuneFile,
  FineTuneOrder,
  FineTunePlan,
  ModelPoint,
} from './fine-tune/order.ts';
export { startFineTune } from './fine-tune/start.ts';
export { Trainer } from './trainer.ts';
export type { TrainJob, TrainStep } from './trainer.ts';
