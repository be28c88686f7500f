/**
 * How a model's authors suggest to sample from it: generation_config.json, or `general.sampling.*`
 * of GGUF. Suggestions only: what is out of range is left out, and nothing is applied by itself.
 *
 * Source: transformers, generation/configuration_utils.py; llama.cpp's keys of general metadata.
 */
import type { SuggestedSampling } from '../source/source.ts';
import type { Fields } from '../source/fields.ts';

interface Names {
  temperature: string;
  topK: string;
  topP: string;
  minP: string;
  repetitionPenalty: string;
}

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
