/**
 * Makes family-llama-cpp.json: llama.cpp computes random models of every family it knows.
 *
 *     node test/golden/make-family-llama-cpp.ts && npx oxfmt test/golden/family-llama-cpp.json
 *
 * Nothing of the wafer computes here, and the files are not by its writer (family-gguf.ts).
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { LLAMA_CPP_VERSION } from '@wafer/bench';
import { LlamaCpp } from '../full/peers.ts';
import { argmax, leadOf } from './compare.ts';
import { forwardDouble, newTrace, readDoubleWeights } from './double-forward.ts';
import { familyGguf } from './family-gguf.ts';
import {
  digestOf,
  FAMILY_POSITIONS,
  familyModel,
  LLAMA_CPP_SPECS,
  NO_CHOICE,
  ROUTER_MARGIN_MIN,
} from './family-llama-cpp.ts';
import type { FamilyFigures } from './family-llama-cpp.ts';
import { keptLogits } from './llama-cpp.ts';

/** Twice what the test allows a logit to differ: a choice that is kept must be beyond doubt. */
const LEAD_MIN = 2e-4;

await using llama = await LlamaCpp.start();
const folder = mkdtempSync(join(tmpdir(), 'wafer-families-'));
const families: FamilyFigures['families'] = {};
for (const name of Object.keys(LLAMA_CPP_SPECS)) {
  const { spec, model, tokens } = familyModel(name);
  const weights = readDoubleWeights(model);
  const trace = newTrace();
  forwardDouble(spec, weights, tokens, trace);
  const path = join(folder, `${name}.gguf`);
  writeFileSync(path, familyGguf(spec, weights));
  const rows = await llama.withModel(path, (peer) => peer.logits(tokens, spec.vocabCount));
  if (trace.routerMarginMin < ROUTER_MARGIN_MIN) {
    throw new Error(`${name}: experts are ${trace.routerMarginMin} apart; take another seed`);
  }
  families[name] = {
    sha256: digestOf(spec, weights),
    tokens,
    choices: rows.map((row) => (leadOf(row) < LEAD_MIN ? NO_CHOICE : argmax(row))),
    logits: keptLogits(rows, FAMILY_POSITIONS),
  };
}
rmSync(folder, { recursive: true });

const figures: FamilyFigures = {
  made: {
    by: `node test/golden/make-family-llama-cpp.ts, node-llama-cpp ${LLAMA_CPP_VERSION}`,
    date: new Date().toISOString().slice(0, 10),
    llamaCpp: llama.release,
    machine: `${process.platform} ${process.arch}, ${cpus()[0]?.model ?? 'unknown'}`,
    settings: 'f32 KV cache, no flash attention, one thread',
  },
  families,
};
writeFileSync(new URL('./family-llama-cpp.json', import.meta.url), JSON.stringify(figures));
