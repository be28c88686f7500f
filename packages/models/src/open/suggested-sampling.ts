/**
 * How a model's authors suggest to sample from it: generation_config.json, or `general.sampling.*`
 * of GGUF. Suggestions only: what is out of range is left out, and nothing is applied by itself.
 * Written as they are read, so that a model that is converted keeps them.
 *
 * Source: transformers, generation/configuration_utils.py; llama.cpp's keys of general metadata.
 */
import type { SuggestedSampling } from '../source/source.ts';
import type { Fields } from '../source/fields.ts';

type Names = Readonly<Record<keyof SuggestedSampling, string>>;

const HF: Names = {
  temperature: 'temperature',
  topK: 'top_k',
  topP: 'top_p',
  minP: 'min_p',
  repetitionPenalty: 'repetition_penalty',
};
const GGUF: Names = {
  temperature: 'general.sampling.temp',
  topK: 'general.sampling.top_k',
  topP: 'general.sampling.top_p',
  minP: 'general.sampling.min_p',
  repetitionPenalty: 'general.sampling.penalty_repeat',
};

/** What a folder suggests; `do_sample: false` is temperature 0. */
export function suggestedByFolder(generation: Fields | undefined): SuggestedSampling {
  if (generation === undefined) return {};
  const isGreedy = generation.get('do_sample') === false;
  return { ...read(generation, HF), ...(isGreedy ? { temperature: 0 } : {}) };
}

/** What a GGUF file suggests. */
export function suggestedByGguf(fields: Fields): SuggestedSampling {
  return read(fields, GGUF);
}

/** The file of a folder that suggests this; undefined without a suggestion. */
export function generationConfig(
  sampling: SuggestedSampling | undefined,
): Record<string, unknown> | undefined {
  const named = written(sampling, HF);
  if (named.length === 0) return undefined;
  const { temperature } = sampling ?? {};
  const kept = named.filter(([name, value]) => name !== HF.temperature || value !== 0);
  const draws = temperature === undefined ? {} : { do_sample: temperature !== 0 };
  return { ...draws, ...Object.fromEntries(kept) };
}

/** Keys and values of a GGUF file that suggests this. */
export function samplingKeys(sampling: SuggestedSampling | undefined): [string, number][] {
  return written(sampling, GGUF);
}

function written(sampling: SuggestedSampling | undefined, names: Names): [string, number][] {
  const given = Object.entries(sampling ?? {}) as [keyof SuggestedSampling, number | undefined][];
  return given.flatMap(([key, value]) => (value === undefined ? [] : [[names[key], value]]));
}

function read(fields: Fields, names: Names): SuggestedSampling {
  const within = (name: string, min: number, max: number): number | undefined => {
    const value = fields.get(name);
    return typeof value === 'number' && value >= min && value <= max ? value : undefined;
  };
  const topK = within(names.topK, 0, 2 ** 24);
  const all = {
    temperature: within(names.temperature, 0, 100),
    topK: topK === undefined ? undefined : Math.trunc(topK),
    topP: within(names.topP, 0, 1),
    minP: within(names.minP, 0, 1),
    repetitionPenalty: within(names.repetitionPenalty, 0.01, 100),
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}
