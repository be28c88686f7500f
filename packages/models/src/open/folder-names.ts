/**
 * What a folder calls the tensors of a model, where the usual beginnings of names are not there.
 *
 *     model.layers.0.…, lm_head.weight                 as a model for text is saved
 *     layers.0.…                                       the bare model, as for embeddings
 *     language_model.model.layers.0.…                  the text part of a model with images
 *     model.language_model.layers.0.…, lm_head.weight  the same, by newer versions
 *
 * Source: the names of published files; transformers adds and removes the same beginnings.
 */
import { WaferError } from '@wafer/core';

/** Before the names that all of them have. */
const USUAL = 'model.';
const LAYERS = 'layers.';
const EMBED = 'embed_tokens.weight';
const HEAD = 'lm_head.weight';

/** The name in the files of a tensor by its usual name. */
export type NameInFile = (usual: string) => string;

/**
 * Finds how the names of a folder begin; `prefix` stands before them where the config has its way.
 * Throws: MODEL_KIND where several models lie side by side.
 */
export function namesInFolder(
  folder: string,
  stored: ReadonlySet<string>,
  prefix: string,
): NameInFile {
  const usual = prefix + USUAL;
  if (stored.has(usual + EMBED)) return (name) => prefix + name;
  const bases = [...stored].flatMap((name) => {
    const base = name.endsWith(EMBED) ? name.slice(0, -EMBED.length) : undefined;
    return base === '' || base?.endsWith('.') === true ? base : [];
  });
  const layered = bases.filter((base) =>
    stored.values().some((name) => name.startsWith(`${base}${LAYERS}0.`)),
  );
  const [base] = layered;
  if (base === undefined) return (name) => prefix + name;
  if (layered.length > 1) {
    throw new WaferError('MODEL_KIND', {
      path: folder,
      what: `holds ${layered.length} stacks of layers (${layered.slice(0, 4).join(', ')})`,
      hint: 'take a folder with one text model',
    });
  }
  const around = base.endsWith(USUAL) ? base.slice(0, -USUAL.length) : base;
  const head = [around + HEAD, base + HEAD, HEAD].find((name) => stored.has(name));
  return (name) => {
    if (name === HEAD) return head ?? HEAD;
    return name.startsWith(USUAL) ? base + name.slice(USUAL.length) : around + name;
  };
}
