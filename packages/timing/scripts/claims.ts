/**
 * `npm run claims`: writes docs/claims.md, what the model says of what vendors say.
 *
 * Every figure is computed here from the described machines; a verdict follows from the ranges, not
 * from a line of text. A test beside compares the page with what is computed.
 */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { tryWaferFacts } from '@wafer/core';
import { busiestExperts } from '../src/serving/gpu-decode.ts';
import { findModel } from '../src/serving/models.ts';
import { CROSSING_FIGURE } from '../src/serving/wafer-swings.ts';
import { placementName } from '../src/experts/placement.ts';
import { evenRouting } from '../src/experts/routing.ts';
import { project } from '../src/references/error-bars.ts';
import { chooseExperts } from '../src/references/expert-choice.ts';
import type { ProjectedTime, ProjectedWork } from '../src/serving/projection.ts';
import { WINNERS_FILE, winnersPage } from './expert-winners.ts';
import { streamedSeconds, streamingBreakEven } from '../src/serving/streaming.ts';

export const CLAIMS_FILE: URL = new URL('../../../docs/claims.md', import.meta.url);

interface Claim {
  readonly claim: string;
  readonly says: string;
  readonly took: string;
  readonly verdict: string;
}

const CONTEXT = 1024;

function timeOf(model: string, machine: string, more: Partial<ProjectedWork> = {}): ProjectedTime {
  const work: ProjectedWork = {
    shape: findModel(model),
    type: 'bf16',
    contextTokens: CONTEXT,
    promptTokens: CONTEXT,
    batch: 1,
    ...more,
  };
  return project(work, machine).time!;
}

const speed = (time: ProjectedTime): string =>
  `${round(time.tokensPerS)} (${round(1e6 / time.highUs)} to ${round(1e6 / time.lowUs)})`;
const round = (value: number): string => String(Number(value.toPrecision(3)));
const percent = (value: number): string => `${round(100 * value)} %`;
const slowest = (time: ProjectedTime): number => 1e6 / time.highUs;
const fastest = (time: ProjectedTime): number => 1e6 / time.lowUs;

/** Thousands on the wafer and hundreds on GPUs, by whole ranges. */
function thousands(model: string): Claim {
  const [wafer, gpus] = [timeOf(model, 'wse3'), timeOf(model, 'h100x8')];
  const verdict =
    fastest(wafer) < 1000
      ? 'refuted without speculation'
      : slowest(wafer) >= 1000 && fastest(gpus) < 1000
        ? 'reproduced'
        : 'reproduced only if the assumed figures lie at their fast end';
  return {
    claim: `thousands of tokens/s against hundreds, ${model}`,
    says: `${speed(wafer)} against ${speed(gpus)} on 8 H100`,
    took: 'bf16, batch 1, no speculation',
    verdict,
  };
}

/** What speculation has to give, with crossings as implied and with asynchronous ones. */
function needed(model: string, published: number): { now: number; later: number } {
  const wafer = timeOf(model, 'wse3');
  const crossing = wafer.swings.find(({ figure }) => figure === CROSSING_FIGURE)!;
  return { now: (published * wafer.tokenUs) / 1e6, later: (published * crossing.lowUs) / 1e6 };
}

const MULTIPLIER = { low: 2.5, high: 4 };

function fast(model: string, published: number): Claim {
  const { now, later } = needed(model, published);
  const isWithin = later <= MULTIPLIER.high;
  return {
    claim: `${published} tokens/s, ${model}`,
    says:
      `${round(published / now)} without speculation; it has to give ${round(now)}, ` +
      `or ${round(later)} with asynchronous crossings`,
    took:
      `multipliers of ${MULTIPLIER.low} to ${MULTIPLIER.high} are published; ` +
      'crossings of 10 us assumed',
    verdict: isWithin
      ? now <= MULTIPLIER.high
        ? `reproduced only if speculation gives ${round(now)}`
        : `reproduced only if crossings are asynchronous and speculation gives ${round(later)}`
      : 'refuted as far as this model goes',
  };
}

/** Whether one multiplier with asynchronous crossings explains services of one year. */
function onePair(): Claim {
  const services = [
    ['llama-3.3-70b', 2314],
    ['mistral-large-2', 1100],
    ['llama-4-scout', 2600],
  ] as const;
  const all = services.map(([model, published]) => needed(model, published).later);
  const [least, most] = [Math.min(all[0]!, all[1]!, all[2]!), Math.max(all[0]!, all[1]!, all[2]!)];
  return {
    claim: 'one crossing and one acceptance explain the services of 2025',
    says: services.map(([model], i) => `${model} ${round(all[i]!)}`).join(', '),
    took: 'crossings of 10 us',
    verdict:
      most / least <= 1.35
        ? 'reproduced'
        : `refuted: multipliers from ${round(least)} to ${round(most)}; ` +
          'wafers above 70B are not published',
  };
}

function fifteen(): Claim {
  const [wafer, gpus] = [timeOf('llama-3.1-70b', 'wse3'), timeOf('llama-3.1-70b', 'h100x8')];
  const times = wafer.tokensPerS / gpus.tokensPerS;
  const area = wafer.tokensPerSPerMm2! / gpus.tokensPerSPerMm2!;
  const power = wafer.tokensPerSPerKw / gpus.tokensPerSPerKw;
  return {
    claim: 'up to 15 times GPUs',
    says:
      `${round(times)} times the tokens/s of one user; ${round(area)} at equal area, ` +
      `${round(power)} at equal power`,
    took: '70B in bf16 on both, batch 1, no speculation; 4 wafers against 8 H100, nameplate power',
    verdict:
      slowest(wafer) / fastest(gpus) >= 15
        ? 'reproduced'
        : fastest(wafer) / slowest(gpus) >= 15
          ? 'reproduced only if the assumed figures lie at their ends'
          : 'refuted like for like: speculation on one side only makes it',
  };
}

function memoryBound(): Claim {
  const one = timeOf('llama-3.1-8b', 'h100x1');
  const eight = timeOf('llama-3.1-70b', 'h100x8');
  const wafer = timeOf('llama-3.1-8b', 'wse3');
  const launches = 1 - eight.causes['arithmetic and memory'] / eight.tokenUs;
  return {
    claim: 'decode is bound by memory',
    says:
      `share of the bandwidth used: 8B on 1 H100 ${percent(one.memoryShare!)}, ` +
      `70B on 8 ${percent(eight.memoryShare!)}, 8B on a wafer ${percent(wafer.memoryShare!)}`,
    took: 'weights read once a token; floors are a third roof',
    verdict:
      one.memoryShare! > 0.5 && eight.memoryShare! > 0.5
        ? 'reproduced on GPUs'
        : `reproduced on one GPU only: kernels and links bind eight (${percent(launches)}), ` +
          'software and hops a wafer',
  };
}

function interconnect(): Claim {
  const share = (time: ProjectedTime): number =>
    (time.causes.wire + time.causes['software of the link']) / time.tokenUs;
  const wafer = timeOf('llama-3.1-70b', 'wse3');
  const onWafer = wafer.causes['mesh collectives'] + wafer.causes['mesh hops'];
  const node = timeOf('llama-3.1-70b', 'h100x8');
  const across = timeOf('llama-3.1-70b', 'a100x16');
  const perLayer = (us: number): string => `${round(us / 80)} us a layer`;
  return {
    claim: 'a wafer pays no tax for its interconnect',
    says:
      `collectives: wafer ${percent(onWafer / wafer.tokenUs)} (${perLayer(onWafer)}), ` +
      `8 H100 ${percent(share(node))} (${perLayer(share(node) * node.tokenUs)}), ` +
      `16 A100 in two nodes ${percent(share(across))} ` +
      `(${perLayer(share(across) * across.tokenUs)})`,
    took: '70B, kernels of serving stacks; ten all-reduces of a wafer layer against two',
    verdict:
      onWafer / wafer.tokenUs > share(node)
        ? 'refuted as a share, since all else is fast; small against two nodes'
        : 'reproduced',
  };
}

function groqChips(): Claim {
  const work = { shape: findModel('llama-2-70b'), type: 'int8', batch: 1 } as const;
  const found = project({ ...work, contextTokens: CONTEXT, promptTokens: CONTEXT }, 'groq');
  return {
    claim: 'Groq needs about 570 chips for 70B',
    says: `${found.residency.chips} chips of 230 MB`,
    took: '53 % of the SRAM for weights: set by this very figure',
    verdict: 'reproduced by construction',
  };
}

function training(): Claim {
  const shape = findModel('llama-3.1-70b');
  const wafer = tryWaferFacts('wse3')!;
  const tokens = streamingBreakEven({ shape, wafer }, 'training');
  const timeAt = (systems: number): number =>
    streamedSeconds({ shape, wafer, tokens: 16 * tokens, systems }, 'training').wholeS;
  const linear = timeAt(1) / timeAt(16) / 16;
  return {
    claim: 'training by streamed weights, near-linear to 16 systems',
    says:
      `${percent(linear)} of linear at ${16 * tokens} tokens a step; ` +
      `below ${tokens} tokens a system it waits for I/O`,
    took: '70B, 150 GB/s a system, 23 % of the peak (published prefill)',
    verdict: linear > 0.95 ? 'reproduced for large batches' : 'refuted',
  };
}

function experts(): Claim {
  const wait = (count: number, chosen: number, groups: number): number =>
    (busiestExperts(count, chosen, groups) * groups) / chosen;
  const best = (machine: string): string => {
    const shape = findModel('qwen3-235b-a22b');
    const work: ProjectedWork = {
      shape,
      type: 'bf16',
      contextTokens: CONTEXT,
      promptTokens: CONTEXT,
      batch: 1,
    };
    const { choice } = chooseExperts(work, machine, evenRouting(shape.experts!.count));
    return `${machine} ${placementName(choice.placement)}`;
  };
  return {
    claim: 'experts change the picture',
    says:
      `whole experts on 8 tiles wait for the busiest: x${round(wait(8, 2, 8))} of an even ` +
      `share for 2 of 8 experts, x${round(wait(128, 8, 8))} for 8 of 128; fastest for ` +
      `Qwen3-235B: ${['wse3', 'h100x8', 'h100x16'].map(best).join(', ')}`,
    took: 'even routing, one token; expert-winners.md has skew and batches',
    verdict:
      'reproduced: shares of each expert win in a node and on a wafer; apart wins across two nodes',
  };
}

/** All claims in order. */
export function claims(): Claim[] {
  return [
    thousands('llama-3.1-8b'),
    thousands('llama-3.1-70b'),
    fast('llama-3.1-70b', 2100),
    fast('llama-4-scout', 2600),
    onePair(),
    fifteen(),
    memoryBound(),
    interconnect(),
    groqChips(),
    training(),
    experts(),
  ];
}

/** The page, without layout of tables. */
export function claimsPage(all: readonly Claim[]): string {
  const head = [
    '# What vendors say, and what the model says',
    '',
    'Made by `npm run claims` from the described machines; ranges hold every assumed figure and ' +
      'the error of the nearest cohort of `wafer validate`. See [timing](timing.md).',
    '',
  ];
  const lines = all.map(
    ({ claim, says, took, verdict }, i) =>
      `${i + 1}. **${claim}** · ${says} · took: ${took} · **${verdict}**`,
  );
  return `${[...head, ...lines].join('\n')}\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(CLAIMS_FILE, claimsPage(claims()));
  writeFileSync(WINNERS_FILE, winnersPage());
}
