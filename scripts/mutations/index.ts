/** One-line defects that tests must see: the list that `npm run mutate` goes through. */
import { ADAPTER_MUTATIONS } from './adapters.ts';
import { ADMISSION_MUTATIONS } from './admission.ts';
import { ANSWER_MUTATIONS } from './answers.ts';
import { DIALECT_MUTATIONS } from './dialects.ts';
import { ENGINE_MUTATIONS } from './engine.ts';
import { FABRIC } from './fabric.ts';
import { FILE_MUTATIONS } from './files.ts';
import { FURTHER_ENGINE_MUTATIONS } from './further-engine.ts';
import { FURTHER_MUTATIONS } from './further.ts';
import { GUEST_MUTATIONS } from './guests.ts';
import { HELD_MUTATIONS } from './held.ts';
import { HUB_MUTATIONS } from './hubs.ts';
import { LEFT_MUTATIONS } from './left.ts';
import { LINK_MUTATIONS } from './links.ts';
import type { MutatedFile } from './mutation.ts';
import { SERVER_MUTATIONS } from './server.ts';
import { STREAM_MUTATIONS } from './streams.ts';
import { TEXT_MUTATIONS } from './text.ts';
import { TRAIN_MUTATIONS } from './train.ts';
import { UNSEEN_MUTATIONS } from './unseen.ts';

export const MUTATIONS: readonly MutatedFile[] = [
  ...FABRIC,
  ...LINK_MUTATIONS,
  ...ENGINE_MUTATIONS,
  ...TEXT_MUTATIONS,
  ...FURTHER_MUTATIONS,
  ...FURTHER_ENGINE_MUTATIONS,
  ...ADAPTER_MUTATIONS,
  ...ADMISSION_MUTATIONS,
  ...ANSWER_MUTATIONS,
  ...FILE_MUTATIONS,
  ...DIALECT_MUTATIONS,
  ...GUEST_MUTATIONS,
  ...HELD_MUTATIONS,
  ...HUB_MUTATIONS,
  ...LEFT_MUTATIONS,
  ...SERVER_MUTATIONS,
  ...STREAM_MUTATIONS,
  ...TRAIN_MUTATIONS,
  ...UNSEEN_MUTATIONS,
];
