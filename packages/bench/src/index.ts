/**
 * Speed measurements: of a wafer, of the machine under it, and of others on the same weights.
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
export { stressFabric } from './stress/fabric.ts';
export { stressLinks } from './stress/links.ts';
export { stressSocketLinks } from './stress/socket-links.ts';
export { stressThreads } from './stress/fabric-stress.ts';
export type { FabricStressReport, FabricStressRun } from './stress/fabric-stress.ts';
export { STRESS_WIRES, stressAllLinks } from './stress/link-stress.ts';
export type { LinkStressOptions, LinkStressRow, StressWire } from './stress/link-stress.ts';
export { microLines, runMicro } from './micro/run-micro.ts';
export type { MicroOptions, MicroReport, MicroRow } from './micro/run-micro.ts';
