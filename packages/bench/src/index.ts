/**
 * Experiments: what the cut between chips costs, here and on described machines, with its report;
 * speed of a wafer, of the machine under it, and of others on the same weights; stress of links.
 */
export { calibrate, calibrationLines } from './calibrate/calibrate.ts';
export type { CalibrateOptions, Calibration, CeilingRow } from './calibrate/calibrate.ts';
export { describeSetting, settingLines } from './machine.ts';
export type { Setting } from './machine.ts';
export { importLlamaCpp, installPeer, LLAMA_CPP_VERSION } from './peers/install.ts';
export type { PeerPackage } from './peers/install.ts';
export { writeOnnx } from './onnx/write-onnx.ts';
export {
  isNoisy,
  medianOf,
  NOISY_SPREAD,
  quantileOf,
  ratioByRound,
  spreadOf,
  turnsOf,
} from './statistics.ts';
export type { Spread } from './statistics.ts';
export { hashTokens } from './hash.ts';
export { hostErrors, hostLines } from './host/host-lines.ts';
export { runHost } from './host/run-host.ts';
export { runSpeed } from './speed/run-speed.ts';
export type { SpeedReport } from './speed/run-speed.ts';
export {
  defaultSettings,
  MODEL_DEFAULT,
  MODEL_QUICK,
  PEERS,
  quickSettings,
} from './speed/speed-options.ts';
export type { PeerName, SpeedOptions, SpeedSettings } from './speed/speed-options.ts';
export type { SpeedGroup, SpeedRow } from './speed/speed-row.ts';
export { speedLines } from './speed/speed-report.ts';
export { barsOf } from './speed/bars.ts';
export type { BarRow } from './speed/bars.ts';
export { runTrain } from './train/run-train.ts';
export type { TrainBenchReport, TrainBenchRow } from './train/run-train.ts';
export { TRAIN_CASE_QUICK, TRAIN_CASES } from './train/train-cases.ts';
export { trainLines } from './train/train-lines.ts';
export { TRAIN_PEERS } from './train/train-peers.ts';
export type { TrainPeerName } from './train/train-peers.ts';
export { runAdapters } from './adapters/run-adapters.ts';
export type { AdapterBenchOptions, AdapterBenchRow } from './adapters/run-adapters.ts';
export { runSpeculation } from './speculation/run-speculation.ts';
export type { SpeculationOptions, SpeculationRow } from './speculation/run-speculation.ts';
export { stressFabric } from './stress/fabric.ts';
export { stressLinks } from './stress/links.ts';
export { stressSocketLinks } from './stress/socket-links.ts';
export { stressThreads } from './stress/fabric-stress.ts';
export type { FabricStressReport, FabricStressRun } from './stress/fabric-stress.ts';
export { STRESS_WIRES, stressAllLinks } from './stress/link-stress.ts';
export type { LinkStressOptions, LinkStressRow, StressWire } from './stress/link-stress.ts';
export { microLines, runMicro } from './micro/run-micro.ts';
export type { MicroOptions, MicroReport, MicroRow } from './micro/run-micro.ts';
export { activationErrorOf, errorText, kvErrorOf } from './cut/activation-error.ts';
export { TABLE_HEAD, rowLine, rowTable } from './cut/bench-report.ts';
export type { BenchHeader, BenchResults } from './cut/bench-results.ts';
export type { BenchTask } from './cut/bench-row.ts';
export { describeAll } from './cut/described-part.ts';
export type { DescribedPart, DescribedRow } from './cut/described-part.ts';
export { MEASURED_LINKS } from './cut/measured-links.ts';
export { compare, readRun, runBefore, runOf } from './cut/compare-runs.ts';
export type { KeptRun } from './cut/compare-runs.ts';
export { createRunFolder, runId } from './cut/run-folder.ts';
export type { RunFolder } from './cut/run-folder.ts';
export { metaOf, tablesOf } from './cut/run-outputs.ts';
export { measureVirtual } from './cut/measure-virtual.ts';
export { sweepFinding } from './cut/sweep-finding.ts';
export { tracePass } from './cut/traced-part.ts';
export type { TracedPart } from './cut/traced-part.ts';
export { virtualRows } from './cut/virtual-rows.ts';
export type { VirtualUse } from './cut/virtual-rows.ts';
export { REPETITIONS_MAX, REPETITIONS_MIN, measureWall } from './cut/wall-part.ts';
export type { StartWafer } from './cut/wall-part.ts';
export {
  describeRun,
  describedRunOf,
  waferLimit,
  weakFigures,
  wireRange,
} from './described/described-run.ts';
export type { DescribedFlags, DescribedRun, Shape } from './described/described-run.ts';
export { LEGEND, interconnectTable, scalingTable, sweepTable } from './described/described-text.ts';
export { painlessLines, scalingRows } from './described/scaling-rows.ts';
export { spread } from './described/spread.ts';
export type { QuantityRange } from './described/spread.ts';
export { fallLines, waterfalls } from './described/waterfalls.ts';
export { reportPage } from './report/page.ts';
export { waterfallPicture } from './report/waterfall-picture.ts';
export { readCases } from './grammar/case-file.ts';
export { grammarLines, runGrammar } from './grammar/run-grammar.ts';
export { llamaVocabulary, madeUpVocabulary } from './grammar/vocabulary.ts';
export { openLlamaServer } from './serve/peer-target.ts';
export { SERVE_LIMITS_DEFAULT } from './serve/load-row.ts';
export type { ServeLimits } from './serve/load-row.ts';
export { overheadLines, runOverhead } from './serve/overhead.ts';
export type { OverheadRow } from './serve/overhead.ts';
export { runServe } from './serve/run-serve.ts';
export type { ServeResults } from './serve/run-serve.ts';
export { runUseCases, useLines } from './serve/run-use-cases.ts';
export { USE_SIZES, USE_SIZES_QUICK } from './serve/use-cases.ts';
export { OWN_TRACES, tracePath } from './serve/own-traces.ts';
export { servePage } from './serve/serve-page.ts';
export { servePicture } from './serve/serve-picture.ts';
export { requestsCsv, serveLines } from './serve/serve-report.ts';
export { openTarget } from './serve/target.ts';
export type { MeasuredServer } from './serve/target.ts';
export { parseTrace } from './serve/trace-file.ts';
export { poissonRequests, scaleTrace } from './serve/workload.ts';
export type { PlannedRequest } from './serve/workload.ts';
